import { expect, test } from 'vitest';
import { isNetwork, networksContain } from './networks';

test.each(['10.0.0.1', '10.0.0.0/8', '::1', '2001:db8::/32', '::ffff:10.0.0.1', '0.0.0.0/0'])(
  '%s is an address or a network',
  (text) => {
    expect(isNetwork(text)).toBe(true);
  },
);

test.each([
  '',
  'bad',
  '10.0.0',
  '10.0.0.256',
  '10.0.0.01',
  '10.0.0.0/33',
  '::1::',
  '1:2:3',
  '::/129',
])('%s is neither', (text) => {
  expect(isNetwork(text)).toBe(false);
});

test.each([
  [['10.0.0.0/8'], '10.200.3.4', true],
  [['10.0.0.0/8'], '11.0.0.1', false],
  [['127.0.0.1'], '::ffff:127.0.0.1', true],
  [['::ffff:10.0.0.0/104'], '10.1.2.3', true],
  [['2001:db8::/32'], '2001:0db8:1::5', true],
  [['2001:db8::/32'], '2001:db9::', false],
  [['::/0'], '10.0.0.1', false],
  [['bad', '0.0.0.0/0'], '8.8.8.8', true],
  [[], '8.8.8.8', false],
])('%j holds %s: %s', (list, address, holds) => {
  expect(networksContain(list, address)).toBe(holds);
});
