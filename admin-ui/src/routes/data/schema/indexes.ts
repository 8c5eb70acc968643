// Indexes are SQL texts on the wire; these read and write the few parts the editor needs.

export interface IndexParts {
  unique: boolean;
  name: string;
  table: string;
  columns: string[];
  where: string;
}

const SHAPE =
  /^\s*create\s+(?<unique>unique\s+)?index\s+(?:if\s+not\s+exists\s+)?(?<name>[`"[]?[\w.]+[`"\]]?)\s+on\s+(?<table>[`"[]?\w+[`"\]]?)\s*\((?<columns>.*?)\)\s*(?:where\s+(?<where>.*?))?;?\s*$/is;

const bare = (name: string) => name.trim().replace(/^[`"[]|[`"\]]$/g, '');

/** The parts of a statement, or null where it is none we can read (the server has the last word). */
export function readIndex(statement: string): IndexParts | null {
  const found = SHAPE.exec(statement)?.groups;
  if (!found) return null;
  return {
    unique: found['unique'] !== undefined,
    name: bare(found['name'] ?? ''),
    table: bare(found['table'] ?? ''),
    columns: (found['columns'] ?? '').split(',').map((column) => bare(firstWord(column))),
    where: (found['where'] ?? '').trim(),
  };
}

const firstWord = (column: string) =>
  /^\s*(?:`[^`]*`|"[^"]*"|\[[^\]]*\]|\S+)/.exec(column)?.[0] ?? '';

/** True where this very index alone keeps the field's values apart. */
export function isUniqueOn(statement: string, field: string): boolean {
  const parts = readIndex(statement);
  return !!parts?.unique && parts.columns.length === 1 && parts.columns[0] === field;
}

/** Empty values of an optional text do not clash with each other. */
export function uniqueIndex(
  collection: string,
  field: { name: string; type: string; required?: boolean },
): string {
  const column = `\`${field.name}\``;
  const emptyAllowed = ['text', 'email', 'url', 'date', 'select', 'relation'].includes(field.type);
  const where = emptyAllowed && !field.required ? ` WHERE ${column} != ''` : '';
  const name = `idx_${collection}_${field.name}`;
  return `CREATE UNIQUE INDEX \`${name}\` ON \`${collection}\` (${column})${where}`;
}

/** Follows a renamed field: its name as a whole word, outside of quoted texts. */
export function renameInSql(statement: string, from: string, to: string): string {
  const parts = statement.split(/('(?:[^']|'')*')/);
  const word = new RegExp(`(?<![\\w])${from}(?![\\w])`, 'g');
  return parts.map((part, at) => (at % 2 ? part : part.replace(word, to))).join('');
}
