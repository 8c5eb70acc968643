import { ClientResponseError } from 'pocketbase';
import { expect, test } from 'vitest';
import { isAborted, toFailure } from './errors';

function refused(status: number, data: unknown) {
  return new ClientResponseError({
    url: 'http://localhost:8090/api/collections/posts?fields=id',
    status,
    response: { status, message: 'Failed to update collection.', data },
  });
}

test('messages of nested fields are found by their path', () => {
  const blank = { code: 'validation_required', message: 'Cannot be blank.' };
  const failure = toFailure(refused(400, { name: blank, fields: { 2: { values: blank } } }));
  expect(failure.fields).toEqual({
    name: 'Cannot be blank.',
    'fields.2.values': 'Cannot be blank.',
  });
  expect(failure).toMatchObject({ status: 400, message: 'Failed to update collection.' });
});

test('a field that is named message or code is still a field', () => {
  const wrong = { code: 'validation_invalid', message: 'Wrong.' };
  expect(toFailure(refused(400, { message: wrong, code: wrong })).fields).toEqual({
    message: 'Wrong.',
    code: 'Wrong.',
  });
});

test('the query, which may hold personal data, is left out of the report', () => {
  expect(toFailure(refused(400, {})).request).toBe('/api/collections/posts');
});

test('a server that does not answer says what to do', () => {
  expect(toFailure(new ClientResponseError({ status: 0 })).message).toContain('does not answer');
});

test('what is no answer of the server keeps its words', () => {
  expect(toFailure(new Error('odd')).message).toBe('odd');
  expect(isAborted(new ClientResponseError({ isAbort: true }))).toBe(true);
  expect(isAborted(new Error('odd'))).toBe(false);
});
