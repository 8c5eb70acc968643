// What the grammar lets pass and the schema does not: names that no field has. Only what is
// certain is said; the rest is the server's to judge.
import { fieldsBehind, type CompletionScope } from './complete';
import type { FilterError, FilterTree, Operand } from './tree';

const WORDS = new Set(['true', 'false', 'null']);

/** Edits between two words, given up beyond two. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function closest(name: string, names: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  const near = names
    .map((one) => ({ one, away: distance(wanted, one.toLowerCase()) }))
    .filter(({ away }) => away <= Math.min(2, Math.floor(wanted.length / 2)))
    .sort((a, b) => a.away - b.away);
  return near[0]?.one;
}

function lintIdent(operand: Operand & { kind: 'ident' }, scope: CompletionScope) {
  const path = operand.name.split(':')[0] ?? '';
  if (path.startsWith('@') || path.startsWith('#') || WORDS.has(path.toLowerCase())) return null;
  const segments = path.split('.');
  for (const [at, segment] of segments.entries()) {
    const fields = fieldsBehind(segments.slice(0, at), scope);
    const field = fields.find((one) => one.name === segment);
    // Nothing is known of what lies behind a path into JSON or a back-relation.
    if (fields.length === 0 || segment.includes('_via_')) return null;
    if (!field) {
      const hint = closest(
        segment,
        fields.map((one) => one.name),
      );
      return { name: segments.slice(0, at + 1).join('.'), hint };
    }
    if (field.type !== 'relation' && field.type !== 'geoPoint') return null;
  }
  return null;
}

function operandsOf(tree: FilterTree): Operand[] {
  if (tree.kind === 'leaf') return [tree.left, tree.right];
  return tree.items.flatMap(operandsOf);
}

function flat(operand: Operand): Operand[] {
  return operand.kind === 'call' ? operand.args.flatMap(flat) : [operand];
}

/** The first name that does not exist, or null. */
export function lint(tree: FilterTree, scope: CompletionScope): FilterError | null {
  for (const operand of operandsOf(tree).flatMap(flat)) {
    const problem = operand.kind === 'ident' ? lintIdent(operand, scope) : null;
    if (problem) {
      const { name, hint } = problem;
      return {
        from: operand.from,
        to: operand.to,
        reason: `There is no field ${name}.`,
        ...(hint && { hint: `did you mean ${hint}?` }),
      };
    }
  }
  return null;
}
