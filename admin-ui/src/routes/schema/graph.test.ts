import { expect, test } from 'vitest';
import type { CollectionModel } from '../../api/types';
import { around, arrowsOf, neighbour, toDbml, toMermaid } from './graph';

const relation = (name: string, collectionId: string, more = {}) => ({
  name,
  type: 'relation',
  collectionId,
  ...more,
});
const collections = [
  { id: '1', name: 'users', fields: [{ name: 'id', type: 'text', primaryKey: true }] },
  { id: '2', name: 'posts', fields: [relation('author', '1', { required: true })] },
  {
    id: '3',
    name: 'comments',
    fields: [relation('post', '2', { cascadeDelete: true, maxSelect: 3 }), relation('lost', '9')],
  },
] as unknown as CollectionModel[];

test('relations between what is shown are arrows, others are not', () => {
  expect(arrowsOf(collections).map(({ id, to, many, cascade }) => [id, to, many, cascade])).toEqual(
    [
      ['posts.author', 'users', false, false],
      ['comments.post', 'posts', true, true],
    ],
  );
  expect([...around('posts', arrowsOf(collections))].sort()).toEqual([
    'comments',
    'posts',
    'users',
  ]);
});

test('arrow keys lead to the nearest card in their direction', () => {
  const boxes = [
    { name: 'a', x: 0, y: 0 },
    { name: 'b', x: 300, y: 10 },
    { name: 'c', x: 300, y: 400 },
  ];
  expect(neighbour(boxes, 'a', 'ArrowRight')).toBe('b');
  expect(neighbour(boxes, 'b', 'ArrowDown')).toBe('c');
  expect(neighbour(boxes, 'a', 'ArrowLeft')).toBe(undefined);
  expect(neighbour(boxes, 'a', 'Enter')).toBe(undefined);
});

test('the other ways to write the graph', () => {
  expect(toMermaid(collections)).toContain('  comments }o--o{ posts : post');
  expect(toMermaid(collections)).toContain('  posts }o--|| users : author');
  expect(toDbml(collections)).toContain('  author relation [not null, ref: > users.id]');
});
