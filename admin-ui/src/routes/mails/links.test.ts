import { expect, test } from 'vitest';
import { linksIn } from './links';

test('links to web pages are found, each once, and nothing that would run', () => {
  const html =
    '<a href="https://a.b/_/#/x?y=1&amp;z=2">x</a><a href="javascript:alert(1)">y</a>' +
    '<a href="https://a.b/_/#/x?y=1&amp;z=2">again</a><a href="data:text/html,x">z</a><a>none</a>';
  expect(linksIn(html)).toEqual(['https://a.b/_/#/x?y=1&z=2']);
});
