import { expect, test } from 'vitest';
import { distance, findPlaces, isRecordId } from './places';

const place = (name: string) => ({ name, note: '', path: `/${name}` });
const found = (text: string, ...names: string[]) =>
  findPlaces(text, names.map(place)).map(({ name }) => name);

test('the closest name comes first', () => {
  expect(found('post', 'compost', 'blog posts', 'posts', 'post')).toEqual([
    'post',
    'posts',
    'blog posts',
    'compost',
  ]);
});

test('words in any order, and letters in theirs', () => {
  expect(found('host smtp', 'SMTP: Host', 'SMTP: Port')).toEqual(['SMTP: Host']);
  expect(found('pst', 'posts', 'past')).toEqual(['past', 'posts']);
  expect(found('zzz', 'posts')).toEqual([]);
  expect(distance('', 'posts')).toBeNull();
});

test('an id looks like one', () => {
  expect(isRecordId(' abcdefghij12345 ')).toBe(true);
  expect(isRecordId('collections')).toBe(false);
});
