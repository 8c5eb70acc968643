import { describe, expect, test } from 'vitest';
import type { CollectionModel, FieldModel } from '../../../api/types';
import { diffCollections, isSame } from './diff';
import { newField } from './new-field';

function field(name: string, type: FieldModel['type'], more: Partial<FieldModel> = {}): FieldModel {
  return newField(name, type, { id: `${type}_${name}`, ...more });
}

function posts(more: Partial<CollectionModel> = {}) {
  const fields = [
    field('title', 'text'),
    field('tags', 'select', { values: ['a', 'b'], maxSelect: 2 }),
  ];
  return { name: 'posts', type: 'base' as const, indexes: [] as string[], fields, ...more };
}

const levels = (after: ReturnType<typeof posts>, before = posts()) =>
  diffCollections(before, after).map(({ level, text }) => `${level}: ${text}`);

describe('nothing to review', () => {
  test('when nothing changed', () => {
    expect(levels(posts())).toEqual([]);
    expect(isSame(posts(), posts())).toBe(true);
  });

  test('when only order or help changed, though that is still a change', () => {
    const [title, tags] = posts().fields as [FieldModel, FieldModel];
    const after = posts({ fields: [tags, { ...title, help: 'Shown on top' }] });
    expect(levels(after)).toEqual([]);
    expect(isSame(posts(), after)).toBe(false);
  });
});

test('adding is safe, deleting loses data', () => {
  const [title] = posts().fields as [FieldModel];
  const after = posts({ fields: [title, newField('views', 'number')] });
  expect(levels(after)).toEqual([
    'loss: Field “tags” is deleted, with its value in every record.',
    'safe: Field “views” (number) is added.',
  ]);
});

test('a field of the same name but another id is a deletion and an addition', () => {
  const after = posts({ fields: [...posts().fields.slice(1), newField('title', 'text')] });
  expect(levels(after).map((one) => one.split(':')[0])).toEqual(['loss', 'safe']);
});

test('from many values to one loses all but the last', () => {
  const [title, tags] = posts().fields as [FieldModel, FieldModel];
  const after = posts({ fields: [title, { ...tags, maxSelect: 1 }] });
  expect(levels(after)[0]).toMatch(/^loss: .*only the last/);
  expect(levels(posts(), after)[0]).toMatch(/^careful: .*a list/);
});

test('a value that is no longer offered is named', () => {
  const [title, tags] = posts().fields as [FieldModel, FieldModel];
  const after = posts({ fields: [title, { ...tags, values: ['a', 'c'] }] });
  expect(levels(after)).toEqual([expect.stringMatching(/^careful: “tags” no longer offers b\./)]);
});

test('a renamed field takes its index along without a second line', () => {
  const before = posts({ indexes: ['CREATE UNIQUE INDEX i ON posts (title)'] });
  const [title, tags] = posts().fields as [FieldModel, FieldModel];
  const after = posts({
    fields: [{ ...title, name: 'headline' }, tags],
    indexes: ['CREATE UNIQUE INDEX i ON posts (headline)'],
  });
  expect(levels(after, before)).toEqual([
    expect.stringMatching(/^careful: Field “title” is renamed/),
  ]);
});

test('a new unique index warns, a dropped one says what becomes possible', () => {
  const unique = posts({ indexes: ['CREATE UNIQUE INDEX i ON posts (title)'] });
  expect(levels(unique)).toEqual([expect.stringMatching(/^careful: title must be unique/)]);
  expect(levels(posts(), unique)).toEqual([
    expect.stringMatching(/^safe: Unique index i is dropped/),
  ]);
});

test('a limit of 0 is none for a text, but a bound for a number', () => {
  const before = posts({ fields: [field('title', 'text', { max: 9 }), field('n', 'number')] });
  const after = posts({
    fields: [field('title', 'text', { max: 0 }), field('n', 'number', { min: 0 })],
  });
  expect(levels(after, before)).toEqual([
    expect.stringContaining('max changes from 9 to none'),
    expect.stringContaining('min changes from none to 0'),
  ]);
});
