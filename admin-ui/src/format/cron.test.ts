import { expect, test } from 'vitest';
import { cronInWords, isCron, nextRuns } from './cron';

test.each(['* * * * *', '@daily', '0 0 * * *', '*/5 1-3 1,15 * 0', '5-59/10 * * * *'])(
  '%s is a schedule',
  (text) => {
    expect(isCron(text)).toBe(true);
  },
);

test.each([
  '',
  '* * * *',
  '60 * * * *',
  '* * 0 * *',
  '* * * * 7',
  '5-1 * * * *',
  '@never',
  '*/0 * * * *',
])('%s is none', (text) => {
  expect(isCron(text)).toBe(false);
});

test.each([
  ['* * * * *', 'every minute'],
  ['*/15 * * * *', 'every 15 minutes'],
  ['@hourly', 'every hour at :00'],
  ['0 */6 * * *', 'every 6 hours at :00'],
  ['30 3 * * *', 'every day at 03:30 UTC'],
  ['0 2 * * 1', 'every Monday at 02:00 UTC'],
  ['0 2 15 * *', 'on day 15 of every month at 02:00 UTC'],
  ['1,2 2 15 * *', ''],
])('%s is %s', (expression, words) => {
  expect(cronInWords(expression)).toBe(words);
});

test('the next runs follow the time given, in order', () => {
  const from = new Date('2026-02-27T23:59:30Z');
  const runs = (expression: string, count: number) =>
    nextRuns(expression, from, count).map((date) => date.toISOString().slice(0, 16));
  expect(runs('0 0 * * *', 2)).toEqual(['2026-02-28T00:00', '2026-03-01T00:00']);
  expect(runs('30 6,18 29 2 *', 2)).toEqual(['2028-02-29T06:30', '2028-02-29T18:30']);
  expect(runs('0 0 30 2 *', 1)).toEqual([]);
});
