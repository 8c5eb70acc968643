import { describe, expect, it } from 'vitest';
import type { CollectionModel, FieldModel, FieldType, RecordModel } from '../../../api/types';
import { columnsOf, STANDARD_PREFS } from '../../../grid/columns';
import { collections } from '../../../state/collections.svelte';
import { scopeOf } from '../scope';
import { parseAddress, printAddress } from './address';
import { colour } from './colour';
import { filterByValue } from './press';
import { filterToSend, listQuery, problemOf } from './query';

function field(name: string, type: FieldType, options: Partial<FieldModel> = {}): FieldModel {
  const flags = { system: false, hidden: false, presentable: false };
  return { id: name, name, type, ...flags, ...options };
}

function collection(name: string, fields: FieldModel[]): CollectionModel {
  const rules = { listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '' };
  const rest = { type: 'base' as const, system: false, updated: '', indexes: [] };
  return { id: `${name}_id`, name, fields, ...rest, ...rules };
}

const users = collection('users', [field('id', 'text'), field('name', 'text')]);
const posts = collection('posts', [
  field('id', 'text', { primaryKey: true }),
  field('title', 'text'),
  field('body', 'editor'),
  field('author', 'relation', { collectionId: 'users_id' }),
  field('tags', 'select', { maxSelect: 3, values: ['a'] }),
  field('views', 'number'),
]);
collections.all = [posts, users];

describe('the query of a list', () => {
  it('fetches what is shown: cut texts, related records by name', () => {
    const columns = columnsOf(posts, STANDARD_PREFS);
    expect(listQuery(posts, columns, 'views > 1', '')).toEqual({
      collection: 'posts',
      filter: 'views > 1',
      sort: '-@rowid',
      fields:
        'id,collectionId,collectionName,id,title,body:excerpt(120,true),author,' +
        'expand.author.id,expand.author.name,tags,views',
      expand: 'author',
    });
    expect(listQuery({ ...posts, type: 'view' }, [], '', '').sort).toBe('');
  });

  it('sends expressions as typed, words as a search, mistakes not at all', () => {
    expect(filterToSend('views > 1', posts)).toBe('views > 1');
    expect(filterToSend('views === 1', posts)).toBe('');
    expect(filterToSend('two words', users)).toBe('id ~ "two words" || name ~ "two words"');
  });

  it('finds mistakes in syntax and in names', () => {
    const scope = scopeOf(posts);
    expect(problemOf('views === 1', scope)?.from).toBe(6);
    expect(problemOf('viws = 1', scope)?.hint).toBe('did you mean views?');
    expect(problemOf('author.name ~ "x" && posts', scope)?.from).toBe(26);
    expect(problemOf('any words', scope)).toBeNull();
    expect(scopeOf(users).backRelations).toEqual([
      { name: 'posts_via_author', collectionId: 'posts_id' },
    ]);
  });
});

describe('the address', () => {
  it('goes there and back', () => {
    const address = { filter: 'a ~ "x&y=é" || b = 1', sort: '-views', record: 'new' };
    const [, query] = printAddress('posts', address).split('?');
    expect(parseAddress(query)).toEqual(address);
    expect(printAddress('my posts', { filter: '', sort: '', record: '' })).toBe('/data/my%20posts');
  });
});

describe('colour', () => {
  it('covers every character once', () => {
    const input = 'title ~ "x" // why';
    const pieces = colour(input, true, { from: 6, to: 7 });
    expect(pieces.map((piece) => piece.text).join('')).toBe(input);
    expect(pieces.filter((piece) => piece.isBad).map((piece) => piece.text)).toEqual(['~']);
    expect(pieces.map((piece) => piece.look)).toEqual([
      'field',
      'plain',
      'op',
      'plain',
      'text',
      'plain',
      'comment',
    ]);
  });

  it('leaves words plain', () => {
    expect(colour('two words', false, null).map((piece) => piece.look)).toEqual(['plain']);
  });
});

describe('a filter by the value of a cell', () => {
  const record: RecordModel = {
    id: 'r1',
    collectionId: 'posts_id',
    collectionName: 'posts',
    title: 'say "x"',
    views: 0,
    tags: ['a', 'b'],
  };
  const columns = columnsOf(posts, STANDARD_PREFS);

  it.each([
    ['title', 'title = "say \\"x\\""'],
    ['views', 'views = 0'],
    ['tags', 'tags ~ "a"'],
    ['body', null],
  ])('%s', (name, filter) => {
    const column = columns.find((one) => one.name === name);
    if (!column) throw new Error(name);
    expect(filterByValue(record, column)).toBe(filter);
  });
});
