import { expect, test } from 'vitest';
import type { AuthOptions } from '../../../api/auth-options';
import { changeOf } from './draft.svelte';

const google = {
  name: 'google',
  clientId: 'id',
  authURL: '',
  tokenURL: '',
  userInfoURL: '',
  displayName: '',
  pkce: null,
  extra: {},
};
const saved = {
  passwordAuth: { enabled: true, identityFields: ['email'] },
  authToken: { duration: 432_000 },
  oauth2: {
    enabled: true,
    providers: [google],
    mappedFields: { id: '', name: '', username: '', avatarURL: '' },
  },
} as unknown as AuthOptions;

const edited = (edit: (values: AuthOptions) => void) => {
  const values = structuredClone(saved);
  edit(values);
  return changeOf(saved, values);
};

test('an untouched draft changes nothing, not even with an empty secret in it', () => {
  expect(edited(() => undefined)).toEqual({});
  expect(
    edited((values) => {
      for (const provider of values.oauth2.providers) provider.clientSecret = '';
    }),
  ).toEqual({});
});

test('only what differs is sent, and a secret that was typed', () => {
  const change = edited((values) => {
    values.authToken.duration = 60;
    for (const provider of values.oauth2.providers) provider.clientSecret = 'new';
  });
  expect(Object.keys(change)).toEqual(['authToken', 'oauth2']);
  expect(change.oauth2?.providers).toEqual([{ ...google, clientSecret: 'new' }]);
});
