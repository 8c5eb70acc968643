import type { CollectionModel } from '../../api/types';

/** A relation field, as an arrow between two collections. */
export interface Arrow {
  id: string;
  from: string;
  to: string;
  field: string;
  many: boolean;
  required: boolean;
  cascade: boolean;
}

/** The arrows between the given collections. */
export function arrowsOf(collections: readonly CollectionModel[]): Arrow[] {
  const known = new Map(collections.map((one) => [one.id, one.name]));
  return collections.flatMap((one) =>
    one.fields.flatMap((field) => {
      const to = field.type === 'relation' ? known.get(field.collectionId ?? '') : undefined;
      if (!to) return [];
      return {
        id: `${one.name}.${field.name}`,
        from: one.name,
        to,
        field: field.name,
        many: (field.maxSelect ?? 1) > 1,
        required: field.required ?? false,
        cascade: field.cascadeDelete ?? false,
      };
    }),
  );
}

/** The collection itself and those one relation away, in either direction. */
export function around(name: string, arrows: readonly Arrow[]): Set<string> {
  const near = new Set([name]);
  for (const { from, to } of arrows) {
    if (from === name) near.add(to);
    if (to === name) near.add(from);
  }
  return near;
}

export interface Box {
  name: string;
  x: number;
  y: number;
}

/** Where an arrow key leads from a card: to the nearest one in that direction. */
export function neighbour(boxes: readonly Box[], name: string, key: string): string | undefined {
  const here = boxes.find((box) => box.name === name);
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (!here || !way) return undefined;
  const [right = 0, down = 0] = way;
  let best: { name: string; cost: number } | undefined;
  for (const box of boxes) {
    const along = (box.x - here.x) * right + (box.y - here.y) * down;
    const aside = Math.abs((box.x - here.x) * down) + Math.abs((box.y - here.y) * right);
    const cost = along + 2 * aside;
    if (along > 0 && (!best || cost < best.cost)) best = { name: box.name, cost };
  }
  return best?.name;
}

export function toMermaid(collections: readonly CollectionModel[]): string {
  const lines = collections.map((one) => {
    const fields = one.fields.map(({ type, name, primaryKey }) =>
      [`    ${type} ${name}`, primaryKey && 'PK', type === 'relation' && 'FK']
        .filter(Boolean)
        .join(' '),
    );
    return [`  ${one.name} {`, ...fields, '  }'].join('\n');
  });
  const arrows = arrowsOf(collections).map(({ from, to, field, many, required }) => {
    const end = many ? 'o{' : required ? '||' : 'o|';
    return `  ${from} }o--${end} ${to} : ${field}`;
  });
  return `${['erDiagram', ...lines, ...arrows].join('\n')}\n`;
}

export function toDbml(collections: readonly CollectionModel[]): string {
  const arrows = arrowsOf(collections);
  const tables = collections.map((one) => {
    const fields = one.fields.map(({ name, type, primaryKey, required }) => {
      const arrow = arrows.find(({ id }) => id === `${one.name}.${name}`);
      const marks = [
        primaryKey && 'pk',
        required && !primaryKey && 'not null',
        arrow && `ref: ${arrow.many ? '<>' : '>'} ${arrow.to}.id`,
      ].filter(Boolean);
      return `  ${name} ${type}${marks.length ? ` [${marks.join(', ')}]` : ''}`;
    });
    return [`Table ${one.name} {`, ...fields, '}'].join('\n');
  });
  return `${tables.join('\n\n')}\n`;
}
