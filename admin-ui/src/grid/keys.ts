// Where a key moves the focused cell. Row 0 is the header, column 0 the tick box.

export interface Place {
  row: number;
  column: number;
}

export interface Extent {
  /** Rows with the header counted, columns with the tick box counted. */
  rows: number;
  columns: number;
  /** Rows of a page. */
  page: number;
}

export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
}

function clamp(place: Place, { rows, columns }: Extent): Place {
  return {
    row: Math.max(0, Math.min(rows - 1, place.row)),
    column: Math.max(0, Math.min(columns - 1, place.column)),
  };
}

/** The new place, or null for a key that does not move. */
export function move(from: Place, press: Press, extent: Extent): Place | null {
  const { row, column } = from;
  const far = press.ctrlKey || press.metaKey;
  switch (press.key) {
    case 'ArrowUp':
      return clamp({ row: far ? 1 : row - 1, column }, extent);
    case 'ArrowDown':
      return clamp({ row: far ? extent.rows - 1 : row + 1, column }, extent);
    case 'ArrowLeft':
      return clamp({ row, column: far ? 0 : column - 1 }, extent);
    case 'ArrowRight':
      return clamp({ row, column: far ? extent.columns - 1 : column + 1 }, extent);
    case 'Home':
      return clamp(far ? { row: 1, column: 0 } : { row, column: 0 }, extent);
    case 'End':
      return clamp({ row: far ? extent.rows - 1 : row, column: extent.columns - 1 }, extent);
    // Paging stays among the records: from the header it goes in, never back onto it.
    case 'PageUp':
      return clamp({ row: row === 0 ? 0 : Math.max(1, row - extent.page), column }, extent);
    case 'PageDown':
      return clamp({ row: Math.max(1, row + extent.page), column }, extent);
    default:
      return null;
  }
}
