import { expect, test } from 'vitest';
import type { S3, Settings } from '../../api/settings';
import { changeOf } from './draft.svelte';

const s3: S3 = {
  enabled: false,
  bucket: '',
  region: '',
  endpoint: '',
  accessKey: '',
  forcePathStyle: false,
};
const saved: Settings = {
  meta: {
    appName: 'Acme',
    appURL: 'https://a.b',
    senderName: 'A',
    senderAddress: 'a@a.b',
    hideControls: false,
  },
  smtp: {
    enabled: false,
    host: 'h',
    port: 587,
    username: '',
    authMethod: '',
    tls: false,
    localName: '',
  },
  s3,
  backups: { cron: '', cronMaxKeep: 3, s3: { ...s3 } },
  batch: { enabled: false, maxRequests: 50, timeout: 3, maxBodySize: 0 },
  rateLimits: {
    enabled: false,
    rules: [{ label: '*:auth', audience: '', duration: 3, maxRequests: 2 }],
    excludedIPs: [],
  },
  trustedProxy: { headers: [], useLeftmostIP: false },
  superuserIPs: [],
};
const edited = (edit: (values: Settings) => void) => {
  const values = structuredClone(saved);
  values.smtp.password = '';
  values.s3.secret = '';
  values.backups.s3.secret = '';
  edit(values);
  return changeOf(saved, values);
};

test('an untouched form changes nothing, and keeps the secrets', () => {
  expect(edited(() => undefined)).toEqual({});
});

test('only what was edited is sent', () => {
  expect(
    edited((values) => {
      values.smtp.port = null;
      values.smtp.password = 'secret';
      values.meta.appName = 'Books';
      values.backups.s3.bucket = 'b';
    }),
  ).toEqual({
    meta: { appName: 'Books' },
    smtp: { port: null, password: 'secret' },
    backups: { s3: { bucket: 'b' } },
  });
});

test('a list that changed is sent whole', () => {
  expect(
    edited((values) => {
      values.superuserIPs.push('10.0.0.1');
      for (const rule of values.rateLimits.rules) rule.maxRequests = 9;
    }),
  ).toEqual({
    superuserIPs: ['10.0.0.1'],
    rateLimits: { rules: [{ label: '*:auth', audience: '', duration: 3, maxRequests: 9 }] },
  });
});
