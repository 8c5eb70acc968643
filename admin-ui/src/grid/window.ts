// Which rows of a long list are on screen. Rows have one height, so this is arithmetic.

/** Browsers cap an element's height (Firefox near 17.9 million px): past this, scrolling is scaled. */
export const MAX_HEIGHT = 15_000_000;

const OVERSCAN = 6;

export interface View {
  rows: number;
  rowHeight: number;
  /** Height that rows can be seen in: the viewport without the sticky header. */
  viewHeight: number;
  scrollTop: number;
}

export interface RowWindow {
  /** First row to draw, and the one after the last. */
  first: number;
  end: number;
  /** First and last row that can be seen, for the status line. */
  seenFirst: number;
  seenLast: number;
  /** Height of the scrolled element. */
  height: number;
  /** Taken off every row's own place, so that it lands where the scroll bar is. */
  shift: number;
}

function heights({ rows, rowHeight, viewHeight }: View): { full: number; height: number } {
  const full = rows * rowHeight;
  return { full, height: Math.max(Math.min(full, MAX_HEIGHT), Math.min(full, viewHeight)) };
}

/** Scroll position times this is the place in the full list. */
function scale(view: View): number {
  const { full, height } = heights(view);
  if (full === height) return 1;
  return (full - view.viewHeight) / (height - view.viewHeight);
}

export function windowOf(view: View): RowWindow {
  const { rows, rowHeight, viewHeight } = view;
  const { full, height } = heights(view);
  const top = Math.min(view.scrollTop * scale(view), Math.max(0, full - viewHeight));
  const seenFirst = Math.min(Math.floor(top / rowHeight), Math.max(0, rows - 1));
  const seenLast = Math.min(Math.ceil((top + viewHeight) / rowHeight), rows) - 1;
  return {
    first: Math.max(0, seenFirst - OVERSCAN),
    end: Math.min(rows, seenLast + 1 + OVERSCAN),
    seenFirst,
    seenLast: Math.max(seenFirst, seenLast),
    height,
    shift: top - Math.min(view.scrollTop, Math.max(0, height - viewHeight)),
  };
}

/** Where to scroll so that the row can be seen whole; the present place if it can. */
export function scrollTopFor(row: number, view: View): number {
  const factor = scale(view);
  const top = view.scrollTop * factor;
  const rowTop = row * view.rowHeight;
  const rowEnd = rowTop + view.rowHeight;
  if (rowTop < top) return rowTop / factor;
  if (rowEnd > top + view.viewHeight) return (rowEnd - view.viewHeight) / factor;
  return view.scrollTop;
}

/** The rows to draw; the focused one stays when it is scrolled away, so that focus survives. */
export function drawnRows({ first, end }: RowWindow, focused: number, rows: number): number[] {
  const drawn = Array.from({ length: end - first }, (_, at) => first + at);
  if (focused < 0 || focused >= rows) return drawn;
  // In order, because an element that is moved among its siblings loses the focus.
  if (focused < first) return [focused, ...drawn];
  return focused >= end ? [...drawn, focused] : drawn;
}
