import { expect, test } from 'vitest';
import type { RateRule } from '../../../api/settings';
import { labelsFor, ruleFor, type Asked } from './rates';

const rule = (label: string, audience: RateRule['audience'] = ''): RateRule => ({
  label,
  audience,
  duration: 1,
  maxRequests: 1,
});
const rules = [
  rule('/api/'),
  rule('*:list'),
  rule('posts:list', '@auth'),
  rule('POST /api/batch'),
  rule('*:auth'),
  rule('/api/collections/posts/records'),
];
const met = (method: string, path: string, audience: Asked['audience'] = '@guest') => {
  const at = ruleFor(rules, { method, path, audience });
  return at < 0 ? null : rules[at]?.label;
};

test.each([
  ['the rule of the collection goes before that of all', 'GET', '@auth', 'posts:list'],
  ['one for others does not count', 'GET', '@guest', '*:list'],
  ['without a tag of its own the path decides', 'POST', '@auth', '/api/collections/posts/records'],
] as const)('%s', (_, method, audience, label) => {
  expect(met(method, '/api/collections/posts/records', audience)).toBe(label);
});

test('methods, prefixes and the tags of a sign-in', () => {
  expect(met('POST', '/api/batch')).toBe('POST /api/batch');
  expect(met('GET', '/api/batch')).toBe('/api/');
  expect(met('POST', '/api/collections/users/auth-with-password')).toBe('*:auth');
  expect(met('GET', '/')).toBe(null);
});

test('labels offered fit the type of a collection', () => {
  const labels = labelsFor([
    { name: 'users', type: 'auth' },
    { name: 'stats', type: 'view' },
    { name: 'posts', type: 'base' },
  ]);
  expect(labels).toContain('users:authWithPassword');
  expect(labels).toContain('stats:list');
  expect(labels).not.toContain('stats:create');
  expect(labels).not.toContain('posts:auth');
});
