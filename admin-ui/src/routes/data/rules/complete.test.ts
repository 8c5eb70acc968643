import { expect, test } from 'vitest';
import { completeRule, type RuleScope } from './complete';

const scope: RuleScope = {
  fields: [
    { name: 'title', type: 'text' },
    { name: 'author', type: 'relation', collectionId: 'people' },
  ],
  fieldsOf: () => [{ name: 'nick', type: 'text' }],
  backRelations: [],
  people: [
    { name: 'id', type: 'text' },
    { name: 'verified', type: 'bool' },
  ],
  collections: ['posts', 'people'],
};

/** The bar marks the cursor. */
function labels(marked: string): string[] {
  const cursor = marked.indexOf('|');
  const found = completeRule(marked.replace('|', ''), cursor, scope);
  return found.options.map(({ label }) => label);
}

test('a field is completed as in a filter', () => {
  expect(labels('ti|')).toContain('title');
  expect(labels('author.|')).toContain('author.nick');
});

test('who asks and what was sent come a step at a time', () => {
  expect(labels('author = @req|')).toContain('@request.auth.');
  expect(labels('author = @req|')).not.toContain('@request.auth.verified');
  expect(labels('author = @request.auth.|')).toEqual(
    expect.arrayContaining(['@request.auth.id', '@request.auth.verified']),
  );
  expect(labels('@request.body.au|')).toEqual(['@request.body.author']);
  expect(labels('@collection.pe|')).toEqual(['@collection.people.']);
});

test('what stands behind the cursor is replaced with it', () => {
  const found = completeRule('@request.auth.vxx = 1', 15, scope);
  expect(found).toMatchObject({ from: 0, to: 17 });
  expect(found.options.map(({ insert }) => insert)).toEqual(['@request.auth.verified']);
});

test('a whole path has nothing left to complete', () => {
  expect(labels('@request.auth.id|')).toEqual([]);
});
