import { describe, expect, test } from 'vitest';
import { parseQuickLine } from './quick-line';

const users = [{ id: '_pb_users_auth_', name: 'users' }];

function fieldsOf(line: string, taken: string[] = []) {
  const parsed = parseQuickLine(line, users, taken);
  if (!parsed.ok) throw new Error(`${parsed.part}: ${parsed.reason}`);
  return parsed.fields;
}

function reasonOf(line: string, taken: string[] = []) {
  const parsed = parseQuickLine(line, users, taken);
  return parsed.ok ? '' : parsed.reason;
}

test('the line of the manual gives all its fields', () => {
  const line =
    'title text!, length number, live bool, author → users, tags select(news, art) [0..3], cover file(image)';
  const fields = fieldsOf(line).map(({ field }) => field);
  expect(fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'title text',
    'length number',
    'live bool',
    'author relation',
    'tags select',
    'cover file',
  ]);
  expect(fields[0]?.required).toBe(true);
  expect(fields[1]?.required).toBe(false);
  expect(fields[3]).toMatchObject({ collectionId: '_pb_users_auth_', maxSelect: 1 });
  expect(fields[4]).toMatchObject({ values: ['news', 'art'], maxSelect: 2 });
  expect(fields[5]?.mimeTypes).toContain('image/png');
});

describe('a part', () => {
  test('without a type is text', () => {
    expect(fieldsOf('name')[0]?.field.type).toBe('text');
    expect(fieldsOf('name!')[0]?.field).toMatchObject({ type: 'text', required: true });
  });

  test('may be written with -> and in any letter case', () => {
    expect(fieldsOf('a->USERS')[0]?.field.collectionId).toBe('_pb_users_auth_');
    expect(fieldsOf('where geopoint')[0]?.field.type).toBe('geoPoint');
  });

  test('takes aliases', () => {
    expect(fieldsOf('n int')[0]?.field).toMatchObject({ type: 'number', onlyInt: true });
    expect(fieldsOf('at updated')[0]?.field).toMatchObject({ onCreate: true, onUpdate: true });
  });

  test('takes unique, hidden and a range in any order', () => {
    const [one] = fieldsOf('slug text [3..40] unique hidden!');
    expect(one?.unique).toBe(true);
    expect(one?.field).toMatchObject({ min: 3, max: 40, hidden: true, required: true });
  });

  test('keeps an open end of a range', () => {
    expect(fieldsOf('n number [..9]')[0]?.field).toMatchObject({ min: null, max: 9 });
    expect(fieldsOf('n number [-2.5..]')[0]?.field).toMatchObject({ min: -2.5, max: null });
    expect(fieldsOf('friends → users [1..4]')[0]?.field).toMatchObject({
      minSelect: 1,
      maxSelect: 4,
      required: true,
    });
  });
});

test.each([
  ['title text, Title number', 'already a field'],
  ['9lives text', 'starts with a letter'],
  ['expand text', 'reserved'],
  ['x wibble', 'is not a type'],
  ['x → nobody', 'no collection'],
  ['x select', 'names its values'],
  ['x file(exe)', 'not “exe”'],
  ['x number(3)', 'round brackets'],
  ['x number [5..1]', 'less to more'],
  ['x bool [1..2]', 'no range'],
  ['x text ?', 'not understood'],
  ['x autodate!', 'cannot be required'],
])('%s is refused', (line, reason) => {
  expect(reasonOf(line)).toContain(reason);
});

test('a name that is taken is refused', () => {
  expect(reasonOf('email', ['email'])).toContain('already');
});

test('nothing gives nothing', () => {
  expect(fieldsOf(' , ')).toEqual([]);
});
