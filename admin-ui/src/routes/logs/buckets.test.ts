import { expect, test } from 'vitest';
import { emptyBuckets, fill, kindOf, percentile, stepFor, totalOf } from './buckets';

const HOUR = 3_600_000;
const start = Date.UTC(2026, 0, 1, 10, 17, 3);

test.each([
  [HOUR / 4, 15_000],
  [HOUR, 60_000],
  [24 * HOUR, 15 * 60_000],
  [7 * 24 * HOUR, 3 * HOUR],
  [30 * 24 * HOUR, 12 * HOUR],
])('a stretch of %i ms has bars of %i ms', (length, step) => {
  expect(stepFor(0, length)).toBe(step);
});

test('never more than a hundred bars, and no finer than the counts are', () => {
  for (const days of [1, 90, 400, 5000]) {
    const length = days * 24 * HOUR;
    expect(length / stepFor(0, length)).toBeLessThanOrEqual(100);
  }
  expect(stepFor(0, HOUR, HOUR)).toBe(HOUR);
});

test('bars begin at round times and cover the whole stretch', () => {
  const buckets = emptyBuckets(start, start + HOUR);
  expect(buckets.start).toBe(Date.UTC(2026, 0, 1, 10, 17, 0));
  expect(buckets.p50.length).toBe(61);
});

test('entries fall into their bar by kind; those outside are left out', () => {
  const buckets = emptyBuckets(start, start + HOUR);
  fill(buckets, [
    { time: start, status: 200, took: 4 },
    { time: start + 1000, status: 204, took: 10 },
    { time: start + 61_000, status: 404, took: 1 },
    { time: start + 62_000, status: 503, took: undefined },
    { time: start + 63_000, status: undefined, took: undefined },
    { time: start - HOUR, status: 200, took: 1 },
    { time: start + 3 * HOUR, status: 200, took: 1 },
  ]);
  expect(buckets.counts.ok[0]).toBe(2);
  expect(buckets.counts.client[1]).toBe(1);
  expect([totalOf(buckets, 'ok'), totalOf(buckets, 'server'), totalOf(buckets, 'other')]).toEqual([
    2, 1, 1,
  ]);
  expect([buckets.p50[0], buckets.p95[0], buckets.p50[2]]).toEqual([4, 10, null]);
});

test('percentiles are values that were there', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => at + 1);
  expect([percentile(hundred, 0.5), percentile(hundred, 0.95)]).toEqual([50, 95]);
  expect(percentile([7], 0.95)).toBe(7);
  expect(percentile([], 0.5)).toBeNull();
});

test('what is no request is no status', () => {
  expect([kindOf(101), kindOf(399), kindOf(400), kindOf(500), kindOf(null), kindOf('200')]).toEqual(
    ['ok', 'ok', 'client', 'server', 'other', 'other'],
  );
});
