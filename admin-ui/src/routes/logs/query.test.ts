import { expect, test } from 'vitest';
import { complete } from '../../fexpr/complete';
import { parseFilter } from '../../fexpr/parse';
import { parseAddress, printAddress } from './address';
import { fullFilter, problemOf, scopeWith, standingFilter, statusFilter } from './query';

const NOW = Date.UTC(2026, 2, 14, 12, 0, 0);
const filterOf = (querystring: string) => fullFilter(parseAddress(querystring), NOW);

test('a range ends now and leaves out superusers', () => {
  expect(filterOf('range=1h')).toBe(
    'created >= "2026-03-14 11:00:00.000Z" && data.auth != "_superusers"',
  );
});

test('a picked stretch has an end', () => {
  expect(filterOf('from=2026-03-01+00:00:00.000Z&to=2026-03-02+00:00:00.000Z&su=1')).toBe(
    'created >= "2026-03-01 00:00:00.000Z" && created < "2026-03-02 00:00:00.000Z"',
  );
});

test('what is typed stands in brackets, and plain words are looked for', () => {
  expect(standingFilter(parseAddress('su=1&filter=level>4||id="a"'))).toBe('(level>4||id="a")');
  expect(standingFilter(parseAddress('su=1&filter=it"s'))).toBe('');
  const search = standingFilter(parseAddress('su=1&filter=time+out'));
  expect(search).toContain('data.url ~ "time out"');
  expect(search).toContain('id = "time out"');
});

test.each([
  ['errors', 'data.status >= 400'],
  ['5xx', 'data.status >= 500 && data.status <= 599'],
  ['404', 'data.status = 404'],
  ['9xx', ''],
  ['1; drop', ''],
])('status %s', (status, filter) => {
  expect(statusFilter(status)).toBe(filter);
});

test('every filter that is sent can be parsed', () => {
  const all = filterOf('range=7d&level=warn&status=4xx&method=POST&filter=a+\\"quoted\\"+b');
  expect(parseFilter(all).ok).toBe(true);
});

test('the address says all of it, and only what is not standard', () => {
  const text = '/logs?range=1h&status=errors&filter=data.x+%3D+1&log=abc&su=1';
  expect(printAddress(parseAddress(text.split('?')[1]))).toBe(text);
  expect(printAddress(parseAddress(''))).toBe('/logs');
  expect(parseAddress('logId=old').log).toBe('old');
  expect(parseAddress('range=toString').range).toBe('24h');
});

test('data is completed, with what the entries at hand carry', () => {
  const scope = scopeWith(['status', 'orderId', 'not a name'], ['users']);
  const labels = (text: string) =>
    complete(text, text.length, scope).options.map(({ label }) => label);
  expect(labels('data.o')).toContain('data.orderId');
  expect(labels('data.not')).toEqual([]);
  expect(labels('data.method = ')).toContain('"POST"');
  expect(labels('data.auth = ')).toContain('"users"');
  expect(labels('da')).toContain('data.status');
});

test('half an expression is told, unknown names are not', () => {
  expect(problemOf('data.anything = 1')).toBeNull();
  expect(problemOf('plain words')).toBeNull();
  expect(problemOf('data.status >')).not.toBeNull();
});
