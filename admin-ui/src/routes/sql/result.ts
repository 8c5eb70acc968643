// A result as the grid shows it and as files hold it.
import type { SqlResult } from '../../api/sql';
import type { RecordModel } from '../../api/types';
import { clampWidth, type Column } from '../../grid/columns';
import { PAGE_SIZE, type FetchPage } from '../../grid/record-list.svelte';
import Value from './Value.svelte';

/** Columns may share a name, so rows are keyed by place. */
const keyOf = (at: number): string => `c${String(at)}`;

export function rowsOf({ rows }: SqlResult): RecordModel[] {
  return rows.map((row, at) => ({
    id: String(at),
    collectionId: '',
    collectionName: '',
    ...Object.fromEntries(row.map((value, column) => [keyOf(column), value])),
  }));
}

/** The grid asks for pages; all of them are here. */
export function pagesOf(rows: readonly RecordModel[]): FetchPage {
  return ({ page }) =>
    Promise.resolve({
      items: rows.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE),
      total: rows.length,
    });
}

const CHARACTER = 7.6;
const LOOKED_AT = 50;

/** As wide as what the first rows hold, within reason. */
function widthOf(result: SqlResult, at: number): number {
  const { name = '', type = '' } = result.columns[at] ?? {};
  const texts = result.rows.slice(0, LOOKED_AT).map((row) => (row[at] ?? 'NULL').length);
  const longest = Math.min(48, Math.max(name.length + type.length + 1, ...texts));
  return clampWidth(longest * CHARACTER + 24);
}

export function columnsOf(result: SqlResult, widths: Record<string, number>): Column[] {
  return result.columns.map(({ name, type }, at) => ({
    field: { id: keyOf(at), name, type: 'text', system: false, hidden: false, presentable: false },
    name: keyOf(at),
    label: name,
    note: type.toLowerCase(),
    width: widths[keyOf(at)] ?? widthOf(result, at),
    hidden: false,
    canSort: false,
    cell: Value,
  }));
}

function csvCell(value: string | null): string {
  if (value === null) return '';
  return /[",\r\n]/.test(value) || value === '' ? `"${value.replaceAll('"', '""')}"` : value;
}

/** Nothing between the commas is NULL, an empty text is quoted. */
export function toCsv({ columns, rows }: SqlResult): string {
  const lines = [columns.map((column) => column.name), ...rows];
  return lines.map((line) => line.map(csvCell).join(',')).join('\r\n') + '\r\n';
}

/** Of columns with one name the last one counts. */
export function toJson({ columns, rows }: SqlResult): string {
  const all = rows.map((row) =>
    Object.fromEntries(columns.map((column, at) => [column.name, row[at] ?? null])),
  );
  return JSON.stringify(all, null, 2);
}
