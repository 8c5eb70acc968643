// Writes a tree back as text, with the fewest brackets that keep its meaning.
import type { FilterTree, Operand } from './tree';

/** A text literal in double quotes; what JSON escapes is what the grammar decodes, but for control characters. */
export function quote(value: string): string {
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}

export function printOperand(operand: Operand): string {
  switch (operand.kind) {
    case 'ident':
      return operand.name;
    case 'number':
      return operand.value;
    case 'text':
      return quote(operand.value);
    case 'call':
      return `${operand.name}(${operand.args.map(printOperand).join(', ')})`;
  }
}

export function print(tree: FilterTree): string {
  if (tree.kind === 'leaf') {
    return `${printOperand(tree.left)} ${tree.op} ${printOperand(tree.right)}`;
  }
  const join = tree.kind === 'and' ? ' && ' : ' || ';
  return tree.items
    .map((item) => {
      const needsBrackets = item.kind === tree.kind || (tree.kind === 'and' && item.kind === 'or');
      return needsBrackets ? `(${print(item)})` : print(item);
    })
    .join(join);
}
