import { expect, test } from 'vitest';
import type { Settings } from '../../api/settings';
import { asSentence, findingsOf, wayTo } from './findings';

const fresh = {
  meta: { appURL: 'http://localhost:8090' },
  smtp: { enabled: false },
  backups: { cron: '' },
  rateLimits: { enabled: false },
  batch: { enabled: false },
} as unknown as Settings;

test('a fresh server has mails, backups and limits to set up', () => {
  expect(findingsOf(fresh, []).map(({ id }) => id)).toEqual([
    'smtp_off',
    'backups_off',
    'rate_limits_off',
    'batch_off',
  ]);
});

test('a plain address counts where others use it, and each finding leads somewhere', () => {
  const open = { ...fresh, meta: { appURL: 'http://app.example.com' } } as Settings;
  const found = findingsOf(open, [{ collection: 'posts', key: 'createRule' }]);
  expect(found.map(({ id }) => id)).toContain('app_url_plain');
  expect(found.map((one) => wayTo(one)?.href)).not.toContain(undefined);
  expect(found.slice(0, 1).map(wayTo)[0]?.href).toBe('#/data/posts/rules?rule=createRule');
});

test('what the server says becomes a sentence', () => {
  expect(asSentence('no mail server is set up')).toBe('No mail server is set up.');
  expect(asSentence('Done!')).toBe('Done!');
});
