import { expect, test } from 'vitest';
import type { CollectionModel } from '../../api/types';
import { cellOf, riskyRules } from './cells';

const rules = { listRule: '', viewRule: null, createRule: '', updateRule: null, deleteRule: null };
const posts = {
  name: 'posts',
  type: 'base',
  ...rules,
  updateRule: '@request.auth.id != "" && author = @request.auth.id',
  deleteRule: 'locked = false',
  fields: [{ name: 'author', type: 'relation', collectionId: 'people' }],
} as unknown as CollectionModel;
const people = { name: 'people', type: 'auth', fields: [], ...rules } as unknown as CollectionModel;
const isAuth = (id: string) => id === 'people';

test('a rule is told in words where it is one of the plain ones', () => {
  expect(cellOf(posts, 'listRule', isAuth)?.text).toBe('Anyone');
  expect(cellOf(posts, 'viewRule', isAuth)?.text).toBe('Nobody');
  expect(cellOf(posts, 'updateRule', isAuth)?.text).toBe('Owner (author)');
  expect(cellOf(posts, 'deleteRule', isAuth)?.text).toBe('locked = false');
  expect(cellOf(posts, 'authRule', isAuth)).toBe(undefined);
});

test('what anybody may change is risky, signing up is not', () => {
  expect(riskyRules([posts, people], isAuth)).toEqual([{ collection: 'posts', key: 'createRule' }]);
});
