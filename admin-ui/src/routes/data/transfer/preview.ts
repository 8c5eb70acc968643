import { parseCsv, sniffDelimiter } from '../../../format/csv';

export const FORMATS = ['csv', 'tsv', 'ndjson', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/** So much of a file is read to show what is in it. */
export const HEAD_BYTES = 256 * 1024;
const ROWS = 20;

/** By the end of its name, else by how it begins. */
export function formatOf(name: string, head: string): Format {
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  if (ending === 'jsonl') return 'ndjson';
  const found = FORMATS.find((format) => format === ending);
  if (found) return found;
  const start = head.trimStart();
  if (start.startsWith('[')) return 'json';
  if (start.startsWith('{')) return 'ndjson';
  return 'csv';
}

export interface Preview {
  columns: string[];
  rows: string[][];
}

/** The columns and the first rows. Throws where the text is not what it should be. */
export function previewOf(
  head: string,
  format: Format,
  how: { delimiter: string; header: boolean },
): Preview {
  if (format === 'csv' || format === 'tsv') {
    const rows = parseCsv(head, format === 'tsv' ? '\t' : how.delimiter);
    const [first = []] = rows;
    const columns = how.header ? first : first.map((_, at) => String(at + 1));
    return { columns, rows: rows.slice(how.header ? 1 : 0, ROWS + 1) };
  }
  const records = format === 'json' ? objectsIn(head) : linesIn(head);
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return { columns, rows: records.map((record) => columns.map((name) => shown(record[name]))) };
}

function linesIn(head: string): Record<string, unknown>[] {
  const lines = head.split('\n').filter((line) => line.trim() !== '');
  // The last one may be cut off.
  const whole = lines.length > 1 && !head.endsWith('\n') ? lines.slice(0, -1) : lines;
  return whole.slice(0, ROWS).map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The whole objects at the beginning of a list, which may be cut off further on. */
function objectsIn(head: string): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  let [depth, start, isText] = [0, -1, false];
  for (let at = 0; at < head.length && found.length < ROWS; at += 1) {
    const c = head[at];
    if (isText) {
      if (c === '\\') at += 1;
      else if (c === '"') isText = false;
    } else if (c === '"') isText = true;
    else if (c === '{') {
      if (depth === 0) start = at;
      depth += 1;
    } else if (c === '}') {
      depth -= 1;
      if (depth === 0) found.push(JSON.parse(head.slice(start, at + 1)) as Record<string, unknown>);
    }
  }
  if (found.length === 0 && !/^\s*\[\s*\]/.test(head)) JSON.parse(head);
  return found;
}

const shown = (value: unknown) =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);

export { sniffDelimiter };

const plain = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** The field that a column seems to mean; empty for none. */
export function guessField(column: string, fields: readonly string[]): string {
  return (
    fields.find((field) => field === column) ??
    fields.find((field) => plain(field) === plain(column)) ??
    ''
  );
}

/** As the server takes it: by name, or by place where columns have no names. */
export function mappingOf(
  columns: readonly string[],
  fields: readonly string[],
  byPlace: boolean,
): string {
  const targets = columns.map((_, at) => fields[at] || null);
  return JSON.stringify(
    byPlace ? targets : Object.fromEntries(columns.map((column, at) => [column, targets[at]])),
  );
}
