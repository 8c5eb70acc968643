// Parses a filter into a tree, or says where and why it is not one. The Rust parser and this one
// run the same fixtures (tests/filter/syntax), so what passes here passes the server's grammar.
import { explain, type Expected } from './explain';
import { tokenize, type Token } from './tokenize';
import type { FilterError, FilterTree, Leaf, Operand, Parsed } from './tree';

export const MAX_LEAVES = 200;
export const MAX_CALL_DEPTH = 3;
/** Of a filter that a client sends; a rule may be longer. */
export const MAX_FILTER_BYTES = 3500;

type Join = '&&' | '||';

class Stop extends Error {
  constructor(readonly error: FilterError) {
    super(error.reason);
  }
}

class Parser {
  private at = 0;
  private leaves = 0;
  private readonly open: Token[] = [];

  constructor(private readonly tokens: Token[]) {}

  whole(): FilterTree {
    const tree = this.level();
    if (this.peek().kind !== 'end') this.fail('join');
    return tree;
  }

  private peek(): Token {
    const token = this.tokens[this.at];
    if (!token) throw new Error('invariant: the last token is never passed');
    return token;
  }

  private next(): Token {
    const token = this.peek();
    this.at += 1;
    return token;
  }

  private fail(expected: Expected): never {
    const token = this.peek();
    const bracket = this.open.at(-1);
    if (token.kind === 'end' && bracket) {
      const reason = 'This bracket is not closed.';
      throw new Stop({ from: bracket.from, to: bracket.to, reason, hint: 'add a `)`' });
    }
    throw new Stop(explain(token, expected));
  }

  /** Items of one bracket level: `||` alternatives of `&&` runs. */
  private level(): FilterTree {
    const alternatives: FilterTree[][] = [[this.item()]];
    let join: Join = '&&';
    for (;;) {
      const token = this.peek();
      if (token.kind === 'join') {
        join = token.value === '||' ? '||' : '&&';
        this.next();
      } else if (token.kind !== 'open') {
        return combine(alternatives);
      }
      // A group without a join repeats the one before it, as the reference does.
      if (join === '||') alternatives.push([this.item()]);
      else alternatives.at(-1)?.push(this.item());
    }
  }

  private item(): FilterTree {
    if (this.peek().kind !== 'open') return this.leaf();
    const open = this.next();
    this.open.push(open);
    const inner = this.level();
    if (this.peek().kind !== 'close') this.fail('join');
    const close = this.next();
    this.open.pop();
    return { ...inner, from: open.from, to: close.to };
  }

  private leaf(): Leaf {
    const left = this.operand('operand', 1);
    this.leaves += 1;
    if (this.leaves > MAX_LEAVES) {
      const reason = `A filter holds at most ${String(MAX_LEAVES)} comparisons.`;
      throw new Stop({ from: left.from, to: left.to, reason });
    }
    if (this.peek().kind !== 'op') this.fail('operator');
    const op = this.next().value;
    const right = this.operand('right', 1);
    return { kind: 'leaf', left, op, right, from: left.from, to: right.to };
  }

  private operand(expected: Expected, depth: number): Operand {
    const token = this.peek();
    const { from, to, value } = token;
    switch (token.kind) {
      case 'ident':
        if (token.isCall) return this.call(depth);
        this.next();
        return { kind: 'ident', name: value, from, to };
      case 'number':
      case 'text':
        this.next();
        return { kind: token.kind, value, from, to };
      default:
        return this.fail(expected);
    }
  }

  private call(depth: number): Operand {
    const name = this.next();
    if (depth > MAX_CALL_DEPTH) {
      const reason = `Functions nest at most ${String(MAX_CALL_DEPTH)} levels.`;
      throw new Stop({ from: name.from, to: name.to, reason });
    }
    this.open.push(this.next());
    const args: Operand[] = [];
    while (this.peek().kind !== 'close') {
      args.push(this.operand('argument', depth + 1));
      if (this.peek().kind === 'comma') this.next();
      else if (this.peek().kind !== 'close') this.fail('comma');
    }
    const close = this.next();
    this.open.pop();
    return { kind: 'call', name: name.value, args, from: name.from, to: close.to };
  }
}

function branch(kind: 'and' | 'or', items: FilterTree[]): FilterTree {
  const [first] = items;
  const last = items.at(-1);
  if (!first || !last) throw new Error('invariant: a branch has items');
  return items.length === 1 ? first : { kind, items, from: first.from, to: last.to };
}

function combine(alternatives: FilterTree[][]): FilterTree {
  return branch(
    'or',
    alternatives.map((run) => branch('and', run)),
  );
}

/** Parses the language of rules and filters. */
export function parse(input: string): Parsed {
  const tokens = tokenize(input).filter((token) => token.kind !== 'comment');
  try {
    return { ok: true, tree: new Parser(tokens).whole() };
  } catch (stop) {
    if (stop instanceof Stop) return { ok: false, error: stop.error };
    throw stop;
  }
}

/** UTF-16 offset after which the input has used up `bytes` bytes of UTF-8. */
function offsetOfByte(input: string, bytes: number): number {
  const encoder = new TextEncoder();
  let used = 0;
  let at = 0;
  for (const char of input) {
    used += encoder.encode(char).length;
    if (used > bytes) return at;
    at += char.length;
  }
  return at;
}

/** Parses a filter to be sent, which has a limit of its length besides. */
export function parseFilter(input: string): Parsed {
  const length = new TextEncoder().encode(input).length;
  if (length <= MAX_FILTER_BYTES) return parse(input);
  const from = offsetOfByte(input, MAX_FILTER_BYTES);
  const reason = `A filter holds at most ${String(MAX_FILTER_BYTES)} bytes; this one has ${String(length)}.`;
  return { ok: false, error: { from, to: input.length, reason } };
}
