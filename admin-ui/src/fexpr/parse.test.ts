import { describe, expect, it } from 'vitest';
import { parse, parseFilter } from './parse';
import { print } from './print';
import type { FilterTree, Operand, Parsed } from './tree';

interface Case {
  name: string;
  input: string;
  tree?: unknown;
  error?: { from: number; to: number };
}

const shared = import.meta.glob<Case[]>('../../../tests/filter/syntax/*.json', {
  eager: true,
  import: 'default',
});
const client = import.meta.glob<Case[]>('../../../tests/filter/syntax/client/*.json', {
  eager: true,
  import: 'default',
});

function operandJson(operand: Operand): unknown {
  switch (operand.kind) {
    case 'ident':
      return { ident: operand.name };
    case 'number':
      return { number: operand.value };
    case 'text':
      return { text: operand.value };
    case 'call':
      return { call: operand.name, args: operand.args.map(operandJson) };
  }
}

function treeJson(tree: FilterTree): unknown {
  if (tree.kind === 'leaf') {
    return { left: operandJson(tree.left), op: tree.op, right: operandJson(tree.right) };
  }
  return { [tree.kind]: tree.items.map(treeJson) };
}

const bytes = (text: string): number => new TextEncoder().encode(text).length;

function outcome(input: string, parsed: Parsed): Partial<Case> {
  if (parsed.ok) return { tree: treeJson(parsed.tree) };
  const { from, to } = parsed.error;
  return { error: { from: bytes(input.slice(0, from)), to: bytes(input.slice(0, to)) } };
}

function expected(test: Case): Partial<Case> {
  return test.tree ? { tree: test.tree } : { error: test.error };
}

for (const [path, cases] of Object.entries(shared)) {
  describe(path.split('/').at(-1) ?? path, () => {
    it.each(cases)('$name', (test) => {
      expect(outcome(test.input, parse(test.input))).toEqual(expected(test));
    });

    it.each(cases.filter((test) => test.tree))('printed again: $name', (test) => {
      const parsed = parse(test.input);
      if (!parsed.ok) throw new Error(parsed.error.reason);
      const text = print(parsed.tree);
      expect(outcome(text, parse(text))).toEqual({ tree: test.tree });
    });
  });
}

for (const [path, cases] of Object.entries(client)) {
  describe(`client/${path.split('/').at(-1) ?? path}`, () => {
    it.each(cases)('$name', (test) => {
      expect(outcome(test.input, parseFilter(test.input))).toEqual(expected(test));
    });
  });
}

describe('fixtures', () => {
  it('are found', () => {
    expect(Object.values(shared).flat().length).toBeGreaterThan(200);
    expect(Object.values(client).flat().length).toBeGreaterThan(2);
  });
});

describe('reasons', () => {
  it.each([
    ['status === "x"', '=== is not an operator.', '`===`: use `=`'],
    ['a <> 1', '<> is not an operator.', '`<>`: use `!=`'],
    ['a = 1 and b = 2', '&& or || was expected, not and.', 'write `&&`'],
    [
      'title is null',
      'An operator such as = or ~ was expected, not is.',
      'write `= null` or `!= null`',
    ],
    ['title = “x”', '“ has no meaning here.', 'use straight quotes, "'],
    ['title = "x', 'This text is not closed.', 'end it with "'],
    ['(a = 1', 'This bracket is not closed.', 'add a `)`'],
    ['a = 1)', 'This bracket closes nothing.', undefined],
    ['title', 'An operator such as = or ~ was expected.', 'compare it, as in `title = "x"`'],
  ])('%s', (input, reason, hint) => {
    const parsed = parse(input);
    if (parsed.ok) throw new Error('parsed');
    expect(parsed.error.reason).toBe(reason);
    expect(parsed.error.hint).toBe(hint);
  });
});
