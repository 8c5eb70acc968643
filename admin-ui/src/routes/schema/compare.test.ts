import { expect, test } from 'vitest';
import type { FullCollection } from '../../api/schema';
import { compare, readCollections, type Incoming } from './compare';

const field = (name: string, more: Record<string, unknown> = {}) => ({
  id: `f_${name}`,
  name,
  type: 'text',
  required: false,
  ...more,
});
const posts = {
  id: 'c_posts',
  name: 'posts',
  type: 'base',
  system: false,
  listRule: null,
  viewRule: '',
  fields: [field('id', { system: true }), field('title'), field('body')],
  indexes: ['CREATE INDEX `idx_title` ON `posts` (`title`)'],
} as unknown as FullCollection;
const edited = (edit: (copy: Record<string, unknown> & { fields: unknown[] }) => void) => {
  const copy = structuredClone(posts) as never as Incoming & { fields: unknown[] };
  edit(copy);
  return copy;
};

test('the export of a server changes nothing on it', () => {
  expect(compare([posts], [edited(() => undefined)], true)).toEqual([
    { id: 'c_posts', name: 'posts', state: 'same', differences: [] },
  ]);
});

test('a rule opened, a field added and an option changed are told one by one', () => {
  const [found] = compare(
    [posts],
    [
      edited((copy) => {
        copy['listRule'] = '';
        copy.fields = [field('title', { required: true }), field('likes', { type: 'number' })];
      }),
    ],
    false,
  );
  expect(found?.state).toBe('changed');
  expect(found?.differences.map(({ what, now, then }) => [what, now, then])).toEqual([
    ['listRule', 'null', '""'],
    ['title · required', 'false', 'true'],
    ['likes', undefined, 'number'],
  ]);
});

test('what is missing goes only when that was asked for, and counts as a loss', () => {
  const short = edited((copy) => {
    copy.fields = [field('id', { system: true }), field('title')];
    copy['indexes'] = [];
  });
  expect(compare([posts], [short], false)[0]?.state).toBe('same');
  const [found] = compare([posts], [short], true);
  expect(found?.differences.map(({ what, loses }) => [what, loses])).toEqual([
    ['body', true],
    ['idx_title', false],
  ]);
  const all = compare([posts], [{ name: 'other', fields: [] }], true);
  expect(all.map(({ name, state }) => [name, state])).toEqual([
    ['other', 'added'],
    ['posts', 'removed'],
  ]);
});

test('files are read as a list or as an object that has one', () => {
  expect(readCollections('[{"name":"a","fields":[]}]')).toHaveLength(1);
  expect(readCollections('{"collections":[{"name":"a","fields":[]}]}')).toHaveLength(1);
  expect(readCollections('[{"name":"a"}]')).toBe(null);
  expect(readCollections('[]')).toBe(null);
  expect(() => readCollections('nonsense')).toThrow();
});
