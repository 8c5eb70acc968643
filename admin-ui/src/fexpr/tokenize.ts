// Splits a filter into tokens. Total: every character lands in a token, a blank or a comment,
// and what cannot be a token becomes a `bad` one that carries the reason, so that colouring and
// completion keep working on text that is still being typed. Offsets are UTF-16, as in the DOM.

export type TokenKind =
  | 'ident'
  | 'number'
  | 'text'
  | 'op'
  | 'join'
  | 'open'
  | 'close'
  | 'comma'
  | 'comment'
  | 'bad'
  | 'end';

export type BadKind = 'character' | 'operator' | 'join' | 'number' | 'identifier' | 'text';

export interface Token {
  kind: TokenKind;
  from: number;
  to: number;
  /** The characters as written; for a text, the decoded value. */
  value: string;
  /** An identifier with its opening bracket straight behind it. */
  isCall?: boolean;
  bad?: BadKind;
}

export const OPERATORS = ['=', '!=', '>', '>=', '<', '<=', '~', '!~'] as const;

const operatorSet = new Set<string>([...OPERATORS, ...OPERATORS.map((op) => `?${op}`)]);
const identStart = /[A-Za-z@_#]/;
const identRun = /[A-Za-z0-9_.:]*/y;
const operatorRun = /[=!<>~?]+/y;
const joinRun = /[&|]+/y;
const digits = /[0-9]*/y;
const escapes: Record<string, string> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

function run(pattern: RegExp, input: string, from: number): string {
  pattern.lastIndex = from;
  return pattern.exec(input)?.[0] ?? '';
}

function identifier(input: string, from: number): Token {
  const value = input[from] + run(identRun, input, from + 1);
  const to = from + value.length;
  if (/[.:]$/.test(value) || /^[@_#]$/.test(value)) {
    return { kind: 'bad', bad: 'identifier', from, to, value };
  }
  return { kind: 'ident', from, to, value, isCall: input[to] === '(' };
}

/** A minus may stand before a bare fraction (`-.5`), a plain leading dot may not. */
function number(input: string, from: number): Token {
  let to = from + (input[from] === '-' ? 1 : 0);
  to += run(digits, input, to).length;
  const whole = input.slice(from, to);
  let isBad = whole === '-';
  if (input[to] === '.') {
    const fraction = run(digits, input, to + 1);
    to += 1 + fraction.length;
    isBad = fraction === '';
  }
  const value = input.slice(from, to);
  return isBad
    ? { kind: 'bad', bad: 'number', from, to, value }
    : { kind: 'number', from, to, value };
}

function text(input: string, from: number, end: number): Token {
  const quote = input[from];
  let value = '';
  for (let at = from + 1; at < end; at += 1) {
    const char = input.charAt(at);
    if (char === quote) return { kind: 'text', from, to: at + 1, value };
    if (char === '\\' && at + 1 < end) {
      const next = input.charAt(at + 1);
      value += escapes[next] ?? char + next;
      at += 1;
    } else {
      value += char;
    }
  }
  return { kind: 'bad', bad: 'text', from, to: end, value: input.slice(from, end) };
}

function tokenAt(input: string, from: number, end: number): Token {
  const char = String.fromCodePoint(input.codePointAt(from) ?? 0);
  const brackets: Record<string, TokenKind> = { '(': 'open', ')': 'close', ',': 'comma' };
  const bracket = brackets[char];
  if (bracket) return { kind: bracket, from, to: from + 1, value: char };
  if (char === '"' || char === "'") return text(input, from, end);
  if (identStart.test(char)) return identifier(input, from);
  if (char === '-' || (char >= '0' && char <= '9')) return number(input, from);

  const operator = run(operatorRun, input, from);
  if (operator) {
    const isKnown = operatorSet.has(operator);
    const span = { from, to: from + operator.length, value: operator };
    return isKnown ? { kind: 'op', ...span } : { kind: 'bad', bad: 'operator', ...span };
  }
  const join = run(joinRun, input, from);
  if (join) {
    const isKnown = join === '&&' || join === '||';
    const span = { from, to: from + join.length, value: join };
    return isKnown ? { kind: 'join', ...span } : { kind: 'bad', bad: 'join', ...span };
  }
  return { kind: 'bad', bad: 'character', from, to: from + char.length, value: char };
}

/** A NUL ends the filter wherever it stands; a text it cuts is a text left open. */
export function tokenize(input: string): Token[] {
  const tokens: Token[] = [];
  const nul = input.indexOf('\0');
  const end = nul === -1 ? input.length : nul;
  let at = 0;
  while (at < end) {
    const char = input.charAt(at);
    if (char === ' ' || char === '\t' || char === '\n') {
      at += 1;
    } else if (char === '/' && input[at + 1] === '/') {
      const newline = input.indexOf('\n', at);
      const to = newline === -1 || newline > end ? end : newline;
      tokens.push({ kind: 'comment', from: at, to, value: input.slice(at, to) });
      at = to;
    } else {
      const token = tokenAt(input, at, end);
      tokens.push(token);
      at = token.to;
    }
  }
  tokens.push({ kind: 'end', from: at, to: at, value: '' });
  return tokens;
}
