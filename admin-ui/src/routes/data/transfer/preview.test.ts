import { expect, test } from 'vitest';
import { formatOf, guessField, mappingOf, previewOf } from './preview';

const how = { delimiter: ',', header: true };

test.each([
  ['posts.csv', '', 'csv'],
  ['posts.jsonl', '', 'ndjson'],
  ['pasted', ' [{"a":1}]', 'json'],
  ['pasted', '{"a":1}\n', 'ndjson'],
  ['pasted.txt', 'a,b', 'csv'],
])('%s that begins with %j is %s', (name, head, format) => {
  expect(formatOf(name, head)).toBe(format);
});

test('the beginning of a file is enough, wherever it was cut', () => {
  expect(previewOf('a,b\n1,2\n3', 'csv', how)).toEqual({
    columns: ['a', 'b'],
    rows: [['1', '2'], ['3']],
  });
  expect(previewOf('{"a":1}\n{"a":2,"b":[1]}\n{"a":', 'ndjson', how)).toEqual({
    columns: ['a', 'b'],
    rows: [
      ['1', ''],
      ['2', '[1]'],
    ],
  });
  expect(previewOf('[{"a":"}{"},{"a":"x"},{"a', 'json', how).rows).toEqual([['}{'], ['x']]);
  expect(() => previewOf('nonsense', 'json', how)).toThrow();
});

test('columns without names are mapped by place', () => {
  const { columns } = previewOf('x,y\n', 'csv', { ...how, header: false });
  expect(mappingOf(columns, ['title', ''], true)).toBe('["title",null]');
  expect(mappingOf(['A', 'b'], ['title', ''], false)).toBe('{"A":"title","b":null}');
});

test('a column is guessed by its name, however it is spelt', () => {
  expect(guessField('First Name', ['id', 'first_name'])).toBe('first_name');
  expect(guessField('ID', ['id', 'ID'])).toBe('ID');
  expect(guessField('other', ['id'])).toBe('');
});
