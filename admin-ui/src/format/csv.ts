/** Files of cells, as spreadsheets write them (RFC 4180). */

const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** The rows of a text. The last one may be cut off where the text is only a beginning. */
export function parseCsv(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const source = text.replace(/^\uFEFF/, '');
  for (let at = 0; at < source.length; at += 1) {
    const c = source[at] ?? '';
    if (quoted) {
      if (c !== '"') cell += c;
      else if (source[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (c === '"' && cell === '') quoted = true;
    else if (c === delimiter) {
      row.push(cell);
      cell = '';
    } else if (c === '\n' || c === '\r') {
      if (c === '\r' && source[at + 1] === '\n') at += 1;
      rows.push([...row, cell]);
      [row, cell] = [[], ''];
    } else cell += c;
  }
  if (cell !== '' || row.length) rows.push([...row, cell]);
  return rows.filter((cells) => cells.length > 1 || cells[0] !== '');
}

/** The delimiter that gives the first rows the same number of cells, the more the better. */
export function sniffDelimiter(text: string): Delimiter {
  let best: { delimiter: Delimiter; cells: number } = { delimiter: ',', cells: 1 };
  for (const delimiter of DELIMITERS) {
    const rows = parseCsv(text.slice(0, 20_000), delimiter).slice(0, 10);
    const cells = rows[0]?.length ?? 0;
    const whole = rows.slice(0, -1).every((row) => row.length === cells);
    if (whole && cells > best.cells) best = { delimiter, cells };
  }
  return best.delimiter;
}

/** One row; lists and objects as JSON. */
export function csvRow(values: readonly unknown[]): string {
  const cells = values.map((value) => {
    const text =
      typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${cells.join(',')}\r\n`;
}
