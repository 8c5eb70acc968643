// The grid's cells in the page: which one an event came from, and how to focus one.
import type { Place } from './keys';

export function placeOf(target: EventTarget | null): Place | null {
  const cell = (target as Element).closest<HTMLElement>('[data-column]');
  const row = cell?.closest<HTMLElement>('[data-row]');
  if (!cell || !row) return null;
  return { row: Number(row.dataset['row']), column: Number(cell.dataset['column']) };
}

/** The focus lies on the cell itself, or on the one control that fills it. */
export function focusCell(grid: HTMLElement, { row, column }: Place): void {
  const cell = grid.querySelector<HTMLElement>(
    `[data-row='${String(row)}'] [data-column='${String(column)}']`,
  );
  const target = cell?.matches('[data-focus]')
    ? cell
    : cell?.querySelector<HTMLElement>('[data-focus]');
  target?.focus({ preventScroll: true });
}

/** Width that the widest drawn content of a column asks for; null when nothing is drawn. */
export function contentWidth(grid: HTMLElement, column: number): number | null {
  const at = `[data-column='${String(column)}']`;
  const found = grid.querySelectorAll<HTMLElement>(`${at} .text, ${at} .sort`);
  const widths = [...found].map((one) => one.scrollWidth);
  return widths.length === 0 ? null : Math.max(...widths) + 18;
}
