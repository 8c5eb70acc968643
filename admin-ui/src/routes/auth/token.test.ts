import { expect, test } from 'vitest';
import { readToken } from './token';

const tokenOf = (claims: object) => {
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  const base64 = btoa(String.fromCharCode(...bytes));
  return `e30.${base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}.sig`;
};
const soon = Math.floor(Date.now() / 1000) + 60;

test('the claims are read, whatever letters they hold', () => {
  const claims = {
    collectionId: 'pbc_1',
    email: 'zoë@exämple.com',
    newEmail: 'ÿ?~@b.c',
    exp: soon,
  };
  expect(readToken(tokenOf(claims))).toEqual({
    collectionId: 'pbc_1',
    email: 'zoë@exämple.com',
    newEmail: 'ÿ?~@b.c',
    isOver: false,
  });
});

test('a link that has ended says so', () => {
  expect(readToken(tokenOf({ collectionId: 'pbc_1', exp: soon - 120 }))?.isOver).toBe(true);
});

test('what is no token is null', () => {
  const cut = tokenOf({ collectionId: 'pbc_1', exp: soon }).slice(0, 20);
  for (const text of [null, '', 'abc', 'a.b.c', cut, tokenOf({ exp: soon })]) {
    expect(readToken(text)).toBeNull();
  }
});
