import { describe, expect, it } from 'vitest';
import { formatBytes } from './bytes';
import { formatAgo, formatDate, fromInputDate, parseWireDate, toInputDate } from './dates';
import { countOf, formatNumber } from './numbers';

describe('dates', () => {
  it('reads the wire and nothing else', () => {
    expect(parseWireDate('2026-03-14 12:20:05.120Z')?.toISOString()).toBe(
      '2026-03-14T12:20:05.120Z',
    );
    expect(parseWireDate('')).toBeNull();
    expect(parseWireDate('soon')).toBeNull();
    expect(formatDate('soon')).toBe('soon');
  });

  it('goes through an input and back', () => {
    const wire = '2026-03-14 12:20:05.000Z';
    expect(fromInputDate(toInputDate(wire))).toBe(wire);
    expect(toInputDate('')).toBe('');
    expect(fromInputDate('')).toBe('');
  });

  it('says how long ago', () => {
    const now = new Date('2026-03-14T12:00:00Z');
    expect(formatAgo('2026-03-14 11:59:50.000Z', now)).toBe('just now');
    expect(formatAgo('2026-03-14 10:00:00.000Z', now)).toBe('2 hours ago');
    expect(formatAgo('2026-03-15 12:00:00.000Z', now)).toBe('tomorrow');
  });
});

describe('numbers', () => {
  it('groups digits and keeps fractions', () => {
    expect(formatNumber(35619)).toBe('35,619');
    expect(formatNumber(-1234.5678)).toBe('-1,234.5678');
    expect(formatNumber(1e21)).toBe('1e+21');
    expect(formatNumber(1e-7)).toBe('1e-7');
    expect(countOf(1, 'record')).toBe('1 record');
    expect(countOf(5000, 'record')).toBe('5,000 records');
  });
});

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KB'],
    [5_242_880, '5 MB'],
    [150 * 1024, '150 KB'],
  ])('%d', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
