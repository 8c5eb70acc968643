import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RecordModel } from '../api/types';
import {
  PAGE_SIZE,
  RecordList,
  type ListQuery,
  type PageRequest,
  type RecordPage,
} from './record-list.svelte';
import { Selection } from './selection.svelte';

const query: ListQuery = { collection: 'posts', filter: '', sort: '', fields: '', expand: '' };
const TOTAL = 1234;

function record(index: number): RecordModel {
  return { id: `r${String(index)}`, collectionId: 'c', collectionName: 'posts' };
}

function answer({ page, withTotal }: PageRequest): RecordPage {
  const from = page * PAGE_SIZE;
  const length = Math.max(0, Math.min(PAGE_SIZE, TOTAL - from));
  const items = Array.from({ length }, (_, at) => record(from + at));
  return { items, ...(withTotal && { total: TOTAL }) };
}

describe('RecordList', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks for the total once, and for the pages in view', async () => {
    const asked: PageRequest[] = [];
    const list = new RecordList((request) => {
      asked.push(request);
      return Promise.resolve(answer(request));
    });
    await list.open(query);
    expect(list.total).toBe(TOTAL);
    list.need(0, 30);
    await vi.runAllTimersAsync();
    expect(asked).toHaveLength(1);
    list.need(1195, 1234);
    await vi.runAllTimersAsync();
    expect(asked.slice(1).map(({ page, withTotal }) => [page, withTotal])).toEqual([
      [11, false],
      [12, false],
    ]);
    expect(list.row(1233)?.id).toBe('r1233');
    expect(list.row(600)).toBeUndefined();
    expect(list.indexOf('r1233')).toBe(1233);
  });

  it('skips what was only scrolled past', async () => {
    const asked: number[] = [];
    const list = new RecordList((request) => {
      asked.push(request.page);
      return Promise.resolve(answer(request));
    });
    await list.open(query);
    for (let row = 100; row < 1200; row += 10) list.need(row, row + 20);
    await vi.runAllTimersAsync();
    expect(asked).toEqual([0, 11, 12]);
  });

  it('keeps what it shows when the next query fails', async () => {
    let fails = false;
    const list = new RecordList((request) =>
      fails ? Promise.reject(new Error('no')) : Promise.resolve(answer(request)),
    );
    await list.open(query);
    fails = true;
    await list.open({ ...query, filter: 'x' });
    expect(list.failure?.message).toBe('no');
    expect(list.row(0)?.id).toBe('r0');
    expect(list.total).toBe(TOTAL);
    fails = false;
    await list.open(query);
    expect(list.failure).toBeNull();
  });

  it('takes the answer to the last question only', async () => {
    const waiting: ((page: RecordPage) => void)[] = [];
    const list = new RecordList(() => new Promise((resolve) => waiting.push(resolve)));
    const first = list.open({ ...query, filter: 'a' });
    const second = list.open({ ...query, filter: 'b' });
    waiting[1]?.({ items: [record(2)], total: 1 });
    waiting[0]?.({ items: [record(1)], total: 9 });
    await Promise.all([first, second]);
    expect(list.row(0)?.id).toBe('r2');
    expect(list.total).toBe(1);
    expect(list.loading).toBe(false);
  });

  it('selects one, a range, and all that match', async () => {
    const list = new RecordList((request) => Promise.resolve(answer(request)));
    await list.open(query);
    const selection = new Selection();
    selection.press(list, 3, false);
    selection.press(list, 6, true);
    expect(selection.ids).toEqual(['r3', 'r4', 'r5', 'r6']);
    selection.press(list, 4, false);
    expect(selection.count(TOTAL)).toBe(3);
    selection.all = true;
    expect(selection.count(TOTAL)).toBe(TOTAL);
    expect(selection.has('never loaded')).toBe(true);
    selection.press(list, 0, false);
    expect(selection.all).toBe(false);
    expect(selection.has('r0')).toBe(false);
    expect(selection.count(TOTAL)).toBe(PAGE_SIZE - 1);
  });
});
