import { expect, test } from 'vitest';
import type { Settings } from '../../api/settings';
import { changeOf } from './draft.svelte';

const saved: Settings = {
  meta: { appName: 'Acme', appURL: 'https://a.b', senderName: 'A', senderAddress: 'a@a.b' },
  smtp: {
    enabled: false,
    host: 'h',
    port: 587,
    username: '',
    authMethod: '',
    tls: false,
    localName: '',
  },
};
const edited = (edit: (values: Settings) => void) => {
  const values = structuredClone(saved);
  values.smtp.password = '';
  edit(values);
  return changeOf(saved, values);
};

test('an untouched form changes nothing, and keeps the password', () => {
  expect(edited(() => undefined)).toEqual({});
});

test('only what was edited is sent', () => {
  expect(
    edited((values) => {
      values.smtp.port = null;
      values.smtp.password = 'secret';
      values.meta.appName = 'Books';
    }),
  ).toEqual({ meta: { appName: 'Books' }, smtp: { port: null, password: 'secret' } });
});
