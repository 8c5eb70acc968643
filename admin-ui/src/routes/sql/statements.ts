// Where the statements of a text begin and end, what they do and what they ask for. It knows as
// much of SQL as that takes: quotes, comments, and the bodies of triggers.

export interface Statement {
  /** In the whole text, without the blanks around it and without its semicolon. */
  from: number;
  to: number;
  text: string;
}

interface Word {
  kind: 'word' | 'quoted' | 'comment' | 'mark' | 'parameter';
  from: number;
  to: number;
}

const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const PARAMETER = /[:@$][A-Za-z_]\w*/y;
const NUMBER = /[0-9][\w.]*/y;

function quotedEnd(text: string, from: number): number {
  const quote = text[from] === '[' ? ']' : (text[from] ?? '');
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] !== quote) continue;
    // A doubled quote is one of the text.
    if (quote !== ']' && text[at + 1] === quote) at += 1;
    else return at + 1;
  }
  return text.length;
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at + mark.length;
}

function match(pattern: RegExp, text: string, from: number): number | null {
  pattern.lastIndex = from;
  const found = pattern.exec(text);
  return found ? from + found[0].length : null;
}

function wordAt(text: string, from: number): Word {
  const two = text.slice(from, from + 2);
  if (two === '--') return { kind: 'comment', from, to: endOf(text, '\n', from) };
  if (two === '/*') return { kind: 'comment', from, to: endOf(text, '*/', from + 2) };
  if (/['"`[]/.test(two.charAt(0))) return { kind: 'quoted', from, to: quotedEnd(text, from) };
  const word = match(WORD, text, from) ?? match(NUMBER, text, from);
  if (word !== null) return { kind: 'word', from, to: word };
  const parameter = match(PARAMETER, text, from);
  if (parameter !== null) return { kind: 'parameter', from, to: parameter };
  return { kind: 'mark', from, to: from + 1 };
}

function* wordsOf(text: string): Generator<Word> {
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    const word = wordAt(text, at);
    yield word;
    at = word.to;
  }
}

/** The statements of a text, in order. Comments alone are none. */
export function splitStatements(text: string): Statement[] {
  const found: Statement[] = [];
  let from = -1;
  let to = -1;
  let first: string[] = [];
  let depth = 0;
  const close = () => {
    if (from >= 0) found.push({ from, to, text: text.slice(from, to) });
    [from, to, first, depth] = [-1, -1, [], 0];
  };
  for (const word of wordsOf(text)) {
    if (word.kind === 'comment') continue;
    const value = text.slice(word.from, word.to).toUpperCase();
    if (value === ';' && depth === 0) {
      close();
      continue;
    }
    if (from < 0) from = word.from;
    to = word.to;
    if (word.kind !== 'word') continue;
    if (first.length < 4) first.push(value);
    // Semicolons in the body of a trigger do not end it.
    if (first[0] !== 'CREATE' || !first.includes('TRIGGER')) continue;
    if (value === 'BEGIN' || value === 'CASE') depth += 1;
    else if (value === 'END') depth = Math.max(0, depth - 1);
  }
  close();
  return found;
}

/** The statement at a place: the one it lies in or right behind, else the one after it. */
export function statementAt(text: string, place: number): Statement | null {
  const all = splitStatements(text);
  const here = all.find((one) => place >= one.from && place <= one.to + 1);
  return here ?? all.find((one) => one.from >= place) ?? all.at(-1) ?? null;
}

const CHANGES = new Set([
  'ALTER',
  'ANALYZE',
  'ATTACH',
  'BEGIN',
  'COMMIT',
  'CREATE',
  'DELETE',
  'DETACH',
  'DROP',
  'END',
  'INSERT',
  'REINDEX',
  'RELEASE',
  'REPLACE',
  'ROLLBACK',
  'SAVEPOINT',
  'UPDATE',
  'VACUUM',
]);
const WRITES = new Set(['INSERT', 'UPDATE', 'DELETE', 'REPLACE']);

/** True of all that may leave something behind. What begins with no word of SQL is refused anyway. */
export function isWriting(statement: string): boolean {
  const words = [...wordsOf(statement)].filter((word) => word.kind !== 'comment');
  const values = words.map((word) => statement.slice(word.from, word.to).toUpperCase());
  const [first] = values;
  if (first === undefined) return false;
  if (first === 'PRAGMA') return values.includes('=') || values.includes('(');
  if (first !== 'WITH') return CHANGES.has(first);
  // `WITH … DELETE`; `replace(` is a function.
  return values.some((value, at) => {
    return words[at]?.kind === 'word' && WRITES.has(value) && values[at + 1] !== '(';
  });
}

/** Names of what is asked for, each once: `:since`. */
export function parametersOf(statement: string): string[] {
  const names = [...wordsOf(statement)]
    .filter((word) => word.kind === 'parameter')
    .map((word) => statement.slice(word.from, word.to));
  return [...new Set(names)];
}

/** A value as SQL writes it: numbers as they are, the empty one as NULL, all else as text. */
export function literalOf(value: string): string {
  if (value === '') return 'NULL';
  if (/^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(value)) return value;
  return `'${value.replaceAll("'", "''")}'`;
}

/** The server takes no parameters, so they are written in. */
export function withParameters(statement: string, values: Record<string, string>): string {
  let text = '';
  let at = 0;
  for (const word of wordsOf(statement)) {
    if (word.kind !== 'parameter') continue;
    const name = statement.slice(word.from, word.to);
    text += statement.slice(at, word.from) + literalOf(values[name] ?? '');
    at = word.to;
  }
  return text + statement.slice(at);
}

/** Where in a statement an error of the engine belongs: `near "selec": syntax error`. */
export function placeOfError(
  statement: string,
  message: string,
): { from: number; to: number } | null {
  const name =
    /near "((?:[^"]|"(?!:))+)"/.exec(message)?.[1] ??
    /no such (?:column|table|function): ([\w.]+)/.exec(message)?.[1]?.split('.').at(-1) ??
    /unrecognized token: "([^"]+)/.exec(message)?.[1];
  if (!name) return null;
  const wanted = name.toUpperCase();
  for (const word of wordsOf(statement)) {
    if (word.kind === 'comment') continue;
    const value = statement.slice(word.from, word.to).toUpperCase();
    const bare = word.kind === 'quoted' ? value.slice(1, -1) : value;
    if (value === wanted || bare === wanted) return { from: word.from, to: word.to };
  }
  const at = statement.toUpperCase().indexOf(wanted);
  return at === -1 ? null : { from: at, to: at + name.length };
}
