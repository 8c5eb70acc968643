// What a parsed filter is. Spans are UTF-16 offsets into the text it came from.

export interface Span {
  from: number;
  to: number;
}

export type Operand = Span &
  (
    | { kind: 'ident'; name: string }
    | { kind: 'number'; value: string }
    | { kind: 'text'; value: string }
    | { kind: 'call'; name: string; args: Operand[] }
  );

export interface Leaf extends Span {
  kind: 'leaf';
  left: Operand;
  op: string;
  right: Operand;
}

export interface Branch extends Span {
  kind: 'and' | 'or';
  items: FilterTree[];
}

export type FilterTree = Leaf | Branch;

export interface FilterError extends Span {
  /** What is wrong, as a sentence. */
  reason: string;
  /** What to write instead, when that can be told. */
  hint?: string;
}

export type Parsed = { ok: true; tree: FilterTree } | { ok: false; error: FilterError };
