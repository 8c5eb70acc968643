import { expect, test } from 'vitest';
import { similarTo } from './facts';
import { curlOf, readable, recordOf } from './path';

test('a path is decoded for reading, and left as it is where that fails', () => {
  expect(readable('/api/x?filter=a%20%3D%20%22b%22+c')).toEqual({
    path: '/api/x',
    query: 'filter=a = "b" c',
  });
  expect(readable('/api/x?filter=%E4%')).toEqual({ path: '/api/x', query: 'filter=%E4%' });
  expect(readable('No request? No.')).toEqual({ path: 'No request? No.', query: '' });
});

test('a request becomes a command that a shell reads as one', () => {
  expect(curlOf('https://a.b/', 'GET', "/api/x?q='1'")).toBe(
    String.raw`curl 'https://a.b/api/x?q='\''1'\'''`,
  );
  expect(curlOf('https://a.b', 'DELETE', '/api/x')).toBe("curl -X DELETE 'https://a.b/api/x'");
});

test('the record of a path is found', () => {
  expect(recordOf('/api/collections/posts/records/abc?expand=x')).toEqual({
    collection: 'posts',
    id: 'abc',
  });
  expect(recordOf('/api/collections/posts/records')).toBeNull();
});

test('from an entry to those like it', () => {
  const log = {
    id: 'a',
    created: '2026-03-14 12:00:00.000Z',
    level: 0,
    message: 'GET /x',
    data: { url: '/x?y=1', status: 404, auth: 'users', authId: 'me', userIP: '::1' },
  };
  const found = Object.fromEntries(similarTo(log).map(({ kind, change }) => [kind, change]));
  expect(found).toEqual({
    samePath: { filter: 'data.url ~ "/x%"' },
    sameUser: { filter: 'data.authId = "me"' },
    sameAddress: { filter: 'data.userIP = "::1"' },
    sameStatus: { status: '404' },
    around: { filter: '', from: '2026-03-14 11:59:30.000Z', to: '2026-03-14 12:00:30.000Z' },
  });
});
