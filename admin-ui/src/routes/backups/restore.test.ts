import { expect, test } from 'vitest';
import { changesOf } from './compare';
import { Restore, stampOf, type Ways } from './restore.svelte';

/** A server that goes away and comes back at these times. */
function ways(from: number, to: number, more: Partial<Ways> = {}) {
  let time = 0;
  const done: string[] = [];
  const all: Ways = {
    createBackup: async (name) => void done.push(`backup ${name}`),
    restoreBackup: async (key) => void done.push(`restore ${key}`),
    isServerUp: async () => time < from || time >= to,
    wait: async (ms) => void (time += ms),
    now: () => time,
    ...more,
  };
  return { all, done };
}

test('the safety copy comes first, and the end is told when the server is back', async () => {
  const { all, done } = ways(1000, 5000);
  const restore = new Restore(all);
  await restore.run('a.zip', 'before.zip');
  expect(done).toEqual(['backup before.zip', 'restore a.zip']);
  expect(restore.status).toBe('done');
  expect(Object.values(restore.steps)).toEqual(['done', 'done', 'done', 'done']);
});

test('a server that restarts unseen is back too', async () => {
  const restore = new Restore(ways(Infinity, Infinity).all);
  await restore.run('a.zip', '');
  expect([restore.status, restore.steps.safety]).toEqual(['done', 'waiting']);
});

test('a server that stays away is told', async () => {
  const restore = new Restore(ways(0, Infinity).all);
  await restore.run('a.zip', '');
  expect([restore.status, restore.steps.up]).toEqual(['late', 'failed']);
});

test('without the safety copy nothing is restored', async () => {
  const { all, done } = ways(0, 0, { createBackup: () => Promise.reject(new Error('disk full')) });
  const restore = new Restore(all);
  await restore.run('a.zip', 'before.zip');
  expect([restore.status, restore.message, restore.steps.safety]).toEqual([
    'failed',
    'disk full',
    'failed',
  ]);
  expect(done).toEqual([]);
});

test('what a backup changes, the greatest loss first', () => {
  const collection = (name: string, records: number, type = 'base') => ({ name, type, records });
  const manifest = {
    version: '',
    created: '',
    appName: '',
    collections: [
      collection('same', 2),
      collection('fewer', 1),
      collection('old', 7),
      collection('seen', 0, 'view'),
    ],
    databaseSize: 0,
    files: 0,
    filesSize: 0,
  };
  const now = new Map([
    ['same', 2],
    ['fewer', 5],
    ['new', 40],
  ]);
  expect(changesOf(manifest, now)).toEqual({
    changes: [
      { name: 'new', now: 40, then: null },
      { name: 'fewer', now: 5, then: 1 },
      { name: 'old', now: null, then: 7 },
    ],
    same: 1,
  });
});

test('a stamp that names may hold', () => {
  expect(`before_restore_${stampOf(new Date(Date.UTC(2026, 2, 4, 5, 6, 7)))}.zip`).toMatch(
    /^[a-z0-9_-]+\.zip$/,
  );
  expect(stampOf(new Date(Date.UTC(2026, 2, 4, 5, 6, 7)))).toBe('20260304_050607');
});
