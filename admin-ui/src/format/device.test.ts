import { expect, test } from 'vitest';
import { formatDevice } from './device';

test('a user agent is told in words', () => {
  const mac =
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/17 Safari/605';
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537 Chrome/140.0 Safari/537';
  const edge = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140.0 Safari/537 Edg/140';
  expect([mac, chrome, edge, 'curl/8.1 x', ''].map(formatDevice)).toEqual([
    'Safari on macOS',
    'Chrome on Linux',
    'Edge on Windows',
    'curl/8.1',
    '',
  ]);
});
