import { describe, expect, it } from 'vitest';
import { checkJson } from './json';

describe('checkJson', () => {
  it.each(['{}', '[]', ' [1, -0.5e+3, "a\\u00e9\\n", true, null, {"a": {"b": []}}] ', '"x"', '0'])(
    'accepts %s',
    (text) => {
      expect(checkJson(text)).toBeNull();
      expect(() => JSON.parse(text)).not.toThrow();
    },
  );

  it.each([
    ['{ "lang": "en", }', 1, 17, 'A value was expected after the comma, not }.'],
    ['{a: 1}', 1, 2, 'A name in double quotes was expected.'],
    ["['a']", 1, 2, 'A text stands in double quotes.'],
    ['{"a" 1}', 1, 6, 'A colon was expected after the name.'],
    ['[1\n 2]', 2, 2, 'A comma or ] was expected.'],
    ['"a', 1, 3, 'This text is not closed with a double quote.'],
    ['"\\x"', 1, 2, 'This escape is not known to JSON.'],
    ['01', 1, 2, 'Nothing more was expected here.'],
    ['', 1, 1, 'A value was expected.'],
    ['[', 1, 2, 'A value or ] was expected.'],
    ['1.', 1, 2, 'Nothing more was expected here.'],
  ])('%s', (text, line, column, reason) => {
    expect(checkJson(text)).toEqual({ line, column, reason });
    expect(() => JSON.parse(text)).toThrow();
  });
});
