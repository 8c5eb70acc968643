import { expect, test } from 'vitest';
import { strengthOf } from './strength';

test.each([
  ['short', 0],
  ['aaaaaaaaaaaaaaaa', 1],
  ['password', 1],
  ['password12', 2],
  ['Password1234', 3],
  ['correct horse battery staple', 4],
])('%s is rated %i', (password, rating) => {
  expect(strengthOf(password)).toBe(rating);
});
