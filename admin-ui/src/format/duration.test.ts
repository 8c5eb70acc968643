import { expect, test } from 'vitest';
import { secondsIn, unitOf } from './duration';
import { formatWait } from './wait';

test('a length is told in the largest unit that leaves no rest', () => {
  const units = [0, 45, 180, 90, 86_400, 432_000, 5400].map(unitOf);
  expect(units).toEqual(['seconds', 'seconds', 'minutes', 'seconds', 'days', 'days', 'minutes']);
  expect(secondsIn('hours')).toBe(3600);
});

test('a time to wait is told in words', () => {
  expect([1, 45, 91, 7200].map(formatWait)).toEqual([
    'in 1 second',
    'in 45 seconds',
    'in 2 minutes',
    'in 2 hours',
  ]);
});
