import { describe, expect, it } from 'vitest';
import { move } from './keys';
import { parseSort, pressSort } from './sort';
import { drawnRows, MAX_HEIGHT, scrollTopFor, windowOf, type View } from './window';

const view = (over: Partial<View>): View => ({
  rows: 5000,
  rowHeight: 32,
  viewHeight: 640,
  scrollTop: 0,
  ...over,
});

describe('window', () => {
  it('draws what is seen and a little more', () => {
    expect(windowOf(view({}))).toMatchObject({ first: 0, end: 26, seenFirst: 0, seenLast: 19 });
    expect(windowOf(view({ scrollTop: 3200 }))).toMatchObject({ first: 94, end: 126, shift: 0 });
  });

  it('knows the ends', () => {
    expect(windowOf(view({ rows: 0 }))).toMatchObject({ first: 0, end: 0, height: 0 });
    expect(windowOf(view({ rows: 3 }))).toMatchObject({ first: 0, end: 3, seenLast: 2 });
    const last = windowOf(view({ scrollTop: 5000 * 32 - 640 }));
    expect(last).toMatchObject({ seenFirst: 4980, seenLast: 4999, end: 5000 });
  });

  it('scales beyond what a browser can hold', () => {
    const rows = 1_000_000;
    const bottom = MAX_HEIGHT - 640;
    const last = windowOf(view({ rows, scrollTop: bottom }));
    expect(last.height).toBe(MAX_HEIGHT);
    expect(last.seenLast).toBe(rows - 1);
    // The last row ends where the scrolled element ends.
    expect(rows * 32 - last.shift).toBeCloseTo(MAX_HEIGHT, 3);
  });

  it('keeps the focused row', () => {
    const rows = windowOf(view({ rows: 50, viewHeight: 64, scrollTop: 640 }));
    expect(drawnRows(rows, 0, 50)).toContain(0);
    expect(drawnRows(rows, rows.first, 50)).toHaveLength(rows.end - rows.first);
    expect(drawnRows(rows, -1, 50)).not.toContain(-1);
  });

  it.each([5000, 1_000_000])('scrolls to any of %d rows', (rows) => {
    for (const row of [0, 1, 19, 20, 2500, rows - 1]) {
      for (const from of [0, 50_000, 150_000]) {
        const scrollTop = scrollTopFor(row, view({ rows, scrollTop: from }));
        const seen = windowOf(view({ rows, scrollTop }));
        expect(seen.seenFirst).toBeLessThanOrEqual(row);
        expect(seen.seenLast).toBeGreaterThanOrEqual(row);
      }
    }
  });
});

describe('keys', () => {
  const extent = { rows: 11, columns: 4, page: 5 };
  const press = (key: string, ctrlKey = false) => ({ key, ctrlKey, metaKey: false });

  it.each([
    ['ArrowDown', false, { row: 4, column: 2 }],
    ['ArrowUp', false, { row: 2, column: 2 }],
    ['ArrowRight', false, { row: 3, column: 3 }],
    ['Home', false, { row: 3, column: 0 }],
    ['End', false, { row: 3, column: 3 }],
    ['Home', true, { row: 1, column: 0 }],
    ['End', true, { row: 10, column: 3 }],
    ['PageDown', false, { row: 8, column: 2 }],
    ['PageUp', false, { row: 1, column: 2 }],
  ])('%s, Ctrl %s', (key, ctrl, place) => {
    expect(move({ row: 3, column: 2 }, press(key, ctrl), extent)).toEqual(place);
  });

  it('stays inside, and leaves other keys alone', () => {
    expect(move({ row: 0, column: 0 }, press('ArrowUp'), extent)).toEqual({ row: 0, column: 0 });
    expect(move({ row: 10, column: 3 }, press('ArrowDown'), extent)).toEqual({
      row: 10,
      column: 3,
    });
    expect(move({ row: 1, column: 1 }, press('x'), extent)).toBeNull();
  });
});

describe('sort', () => {
  it('reads the wire', () => {
    expect(parseSort('-views, +title,')).toEqual([
      { field: 'views', descending: true },
      { field: 'title', descending: false },
    ]);
  });

  it('goes up, down and off', () => {
    expect(pressSort('', 'a', false)).toBe('a');
    expect(pressSort('a', 'a', false)).toBe('-a');
    expect(pressSort('-a', 'a', false)).toBe('');
    expect(pressSort('b', 'a', false)).toBe('a');
    expect(pressSort('b', 'a', true)).toBe('b,a');
    expect(pressSort('b,a', 'a', true)).toBe('b,-a');
    expect(pressSort('b,-a', 'a', true)).toBe('b');
  });
});
