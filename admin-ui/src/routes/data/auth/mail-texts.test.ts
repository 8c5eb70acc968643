import { expect, test } from 'vitest';
import { filledIn, placeholdersOf } from './mail-texts';

const sample = { appName: 'A & <b>', appURL: 'https://a.b' };

test('placeholders are filled in as text', () => {
  expect(filledIn('<p>{APP_NAME} at {APP_URL}, {RECORD:name}</p>', sample)).toBe(
    '<p>A &amp; &lt;b> at https://a.b, ‹name›</p>',
  );
});

test('what is no placeholder stays', () => {
  expect(filledIn('{NOPE} {x} {OTP}', sample)).toBe('{NOPE} {x} 12345678');
});

test('each mail offers what belongs to it', () => {
  expect(placeholdersOf('otp')).toContain('{OTP}');
  expect(placeholdersOf('verificationTemplate')).not.toContain('{OTP}');
});
