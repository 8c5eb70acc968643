import { describe, expect, test } from 'vitest';
import { newField } from '../schema/new-field';
import { choiceOf, choicesFor, ownerIn, ownersOf, ruleFor, rulesOf } from './choice';

const isAuth = (id: string) => id === 'people';
const author = newField('author', 'relation', { collectionId: 'people' });
const editors = newField('editors', 'relation', { collectionId: 'people', maxSelect: 5 });
const venue = newField('venue', 'relation', { collectionId: 'venues' });
const posts = { type: 'base' as const, fields: [author, editors, venue] };
const users = { type: 'auth' as const, fields: [] };
const owners = ownersOf(posts, isAuth);

test('owners are relations to people, and a person owns itself', () => {
  expect(owners.map(({ field }) => field)).toEqual(['author', 'editors']);
  expect(owners[1]?.rule).toContain('editors ?= @request.auth.id');
  expect(ownersOf(users, isAuth)).toEqual([{ field: 'id', rule: 'id = @request.auth.id' }]);
});

test('every written choice is read back', () => {
  for (const choice of choicesFor('listRule', owners)) {
    if (choice === 'custom') continue;
    expect(choiceOf('listRule', ruleFor(choice, owners, null), owners)).toBe(choice);
  }
  expect(choiceOf('authRule', ruleFor('verified', [], null), [])).toBe('verified');
});

test('an owner rule never lets a guest in through an empty relation', () => {
  expect(ruleFor('owner', owners, null)).toBe(
    '@request.auth.id != "" && author = @request.auth.id',
  );
});

describe('reading', () => {
  test('blanks and the kind of quotes do not matter', () => {
    expect(choiceOf('listRule', "@request.auth.id  !=  ''", owners)).toBe('signedIn');
    expect(ownerIn('author=@request.auth.id', owners)?.field).toBe('author');
  });

  test('what is not plain is custom', () => {
    expect(choiceOf('listRule', 'live = true', owners)).toBe('custom');
    expect(choiceOf('manageRule', '', owners)).toBe('custom');
    expect(choiceOf('listRule', 'venue = @request.auth.id', owners)).toBe('custom');
  });
});

test('each kind of collection has its own rules', () => {
  expect(rulesOf({ type: 'view', fields: [] })).toEqual(['listRule', 'viewRule']);
  expect(rulesOf(users)).toContain('manageRule');
  expect(rulesOf(posts)).toHaveLength(5);
});
