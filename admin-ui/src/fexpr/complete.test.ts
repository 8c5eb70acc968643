import { describe, expect, it } from 'vitest';
import { complete, type CompletionScope } from './complete';
import { lint } from './lint';
import { parse } from './parse';
import { isExpression, searchFilter } from './search';

const users = [
  { name: 'id', type: 'text' },
  { name: 'name', type: 'text' },
  { name: 'verified', type: 'bool' },
];
const scope: CompletionScope = {
  fields: [
    { name: 'id', type: 'text' },
    { name: 'title', type: 'text' },
    { name: 'status', type: 'select', values: ['draft', 'live "now"'], maxSelect: 1 },
    { name: 'tags', type: 'select', values: ['a'], maxSelect: 3 },
    { name: 'author', type: 'relation', collectionId: 'users' },
    { name: 'live', type: 'bool' },
    { name: 'when', type: 'date' },
    { name: 'place', type: 'geoPoint' },
    { name: 'pin', type: 'password' },
  ],
  fieldsOf: (id) => (id === 'users' ? users : []),
  backRelations: [{ name: 'comments_via_post', collectionId: 'comments' }],
};

/** The cursor is where the bar stands. */
function at(marked: string): string[] {
  const cursor = marked.indexOf('|');
  const input = marked.replace('|', '');
  return complete(input, cursor, scope).options.map((option) => option.label);
}

describe('complete', () => {
  it.each([
    ['ti|', ['title']],
    ['sta|tus', ['status']],
    ['author.|', ['author.id', 'author.name', 'author.verified']],
    ['author.na|', ['author.name']],
    ['place.|', ['place.lon', 'place.lat']],
    ['title:|', ['title:lower']],
    ['tags:l|', ['tags:length']],
    ['comm|', ['comments_via_post']],
    ['live |', ['=', '!=']],
    ['title !|', ['!=', '!~']],
    ['live = |', ['true', 'false']],
    ['status = |', ['"draft"', '"live \\"now\\""']],
    ['status = "dr|', ['"draft"']],
    ['title = "x" |', ['&&', '||']],
    ['title = "x"|', ['&&', '||']],
    ['(title = "x" && li|', ['live']],
    ['strftime("%Y", wh|', ['when']],
    ['strftime("%Y", when) |', ['=', '!=', '>', '>=', '<', '<=', '~', '!~']],
    ['title = "x" // a comm|', []],
    ['pi|', []],
  ])('%s', (marked, labels) => {
    expect(at(marked)).toEqual(labels);
  });

  it('offers any-of first behind a path', () => {
    expect(at('author.name |')[0]).toBe('?=');
  });

  it('replaces the whole token, and an open text up to the cursor', () => {
    expect(complete('stxx = 1', 2, scope)).toMatchObject({ from: 0, to: 4 });
    expect(complete('status = "dr && x', 12, scope)).toMatchObject({ from: 9, to: 12 });
  });
});

describe('search', () => {
  it('tells words from expressions', () => {
    expect(isExpression('velvet curtain')).toBe(false);
    expect(isExpression("it's")).toBe(true);
    expect(isExpression('a=1')).toBe(true);
    expect(isExpression('C++ & more')).toBe(true);
    expect(isExpression('wow!')).toBe(false);
  });

  it('looks in text fields, and in numbers for a number', () => {
    const fields = [
      { name: 'title', type: 'text' },
      { name: 'views', type: 'number' },
      { name: 'live', type: 'bool' },
    ];
    expect(searchFilter(' say \\ x ', fields)).toBe('title ~ "say \\\\ x"');
    expect(searchFilter('12', fields)).toBe('title ~ "12" || views ~ "12"');
    expect(searchFilter('  ', fields)).toBe('');
  });
});

describe('lint', () => {
  function problem(input: string) {
    const parsed = parse(input);
    if (!parsed.ok) throw new Error(parsed.error.reason);
    const found = lint(parsed.tree, scope);
    return found && [input.slice(found.from, found.to), found.reason, found.hint];
  }

  it.each([
    ['titel = "x"', ['titel', 'There is no field titel.', 'did you mean title?']],
    [
      'live = true && author.nam ~ "x"',
      ['author.nam', 'There is no field author.nam.', 'did you mean name?'],
    ],
    ['zzzzzz = 1', ['zzzzzz', 'There is no field zzzzzz.', undefined]],
    ['strftime("%Y", wen) = "2"', ['wen', 'There is no field wen.', 'did you mean when?']],
    ['place.lon = 1 && place.lng = 1', ['place.lng', 'There is no field place.lng.', undefined]],
  ])('%s', (input, found) => {
    expect(problem(input)).toEqual(found);
  });

  it.each([
    'title:lower = "x" && live = TRUE && id != null',
    'comments_via_post.anything = 1',
    'when > @now && @request.auth.id = author.id',
    'title.deep = 1',
  ])('leaves alone %s', (input) => {
    expect(problem(input)).toBeNull();
  });
});
