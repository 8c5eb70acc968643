import { expect, test } from 'vitest';
import { hoursOf, since } from './hours';

test('24 hours, those without requests too, the present one last', () => {
  const now = new Date('2026-03-02T10:20:00Z');
  const totals = [
    { date: '2026-03-02 10:00:00.000Z', total: 7 },
    { date: '2026-03-01 11:00:00.000Z', total: 2 },
    { date: '2026-03-01 10:00:00.000Z', total: 99 },
  ];
  const hours = hoursOf(totals, [{ date: '2026-03-02 10:00:00.000Z', total: 1 }], now);
  expect(hours).toHaveLength(24);
  expect(hours[0]).toMatchObject({ at: since(now), total: 2, errors: 0 });
  expect(hours[23]).toMatchObject({ total: 7, errors: 1 });
  expect(hours.reduce((sum, { total }) => sum + total, 0)).toBe(9);
});
