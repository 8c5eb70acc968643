// Pieces of a filter as the line paints them.
import { tokenize, type TokenKind } from '../../../fexpr/tokenize';
import type { Span } from '../../../fexpr/tree';

export type Look = 'plain' | 'field' | 'op' | 'text' | 'number' | 'call' | 'comment';

export interface Piece {
  from: number;
  text: string;
  look: Look;
  isBad: boolean;
}

const LOOKS: Partial<Record<TokenKind, Look>> = {
  ident: 'field',
  op: 'op',
  join: 'op',
  text: 'text',
  number: 'number',
  comment: 'comment',
};

const VALUES = new Set(['true', 'false', 'null']);

function lookAt(input: string): { from: number; to: number; look: Look }[] {
  return tokenize(input).map((token) => {
    let look = LOOKS[token.kind] ?? 'plain';
    if (token.kind === 'ident' && VALUES.has(token.value.toLowerCase())) look = 'text';
    if (token.isCall) look = 'call';
    return { from: token.from, to: token.to, look };
  });
}

/** Every character of the input, in order. */
export function colour(input: string, isExpression: boolean, bad: Span | null): Piece[] {
  const tokens = isExpression ? lookAt(input) : [];
  const cuts = new Set([0, input.length]);
  for (const { from, to } of tokens) cuts.add(from).add(to);
  if (bad) cuts.add(bad.from).add(bad.to);
  const edges = [...cuts].filter((cut) => cut <= input.length).sort((a, b) => a - b);
  return edges.slice(0, -1).map((from, at) => {
    const to = edges[at + 1] ?? input.length;
    const token = tokens.find((one) => one.from <= from && to <= one.to);
    const isBad = bad !== null && bad.from <= from && to <= bad.to;
    return { from, text: input.slice(from, to), look: token?.look ?? 'plain', isBad };
  });
}
