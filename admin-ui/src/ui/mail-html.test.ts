import { expect, test } from 'vitest';
import { plainMail } from './mail-html';

test('a mail keeps its words and loses its styles', () => {
  const html =
    '<html><head><style>p{color:red}</style></head><body style="margin:0">' +
    '<p style="color:red">Hello <a class="btn" href="https://a.b">x</a></p></body></html>';
  expect(plainMail(html)).toBe('<p>Hello <a class="btn" href="https://a.b">x</a></p>');
});
