import { expect, test } from 'vitest';
import { csvRow, parseCsv, sniffDelimiter } from './csv';

test('quotes, line ends and empty lines', () => {
  const text = '\uFEFFa,b\r\n"x ""y""","1\n2"\n\n,last';
  expect(parseCsv(text, ',')).toEqual([
    ['a', 'b'],
    ['x "y"', '1\n2'],
    ['', 'last'],
  ]);
});

test.each([
  ['a;b;c\n1,5;2;3\n', ';'],
  ['a\tb\n1\t2\n', '\t'],
  ['name,text\nx,"a;b;c"\n', ','],
  ['alone\nrow\n', ','],
])('%j is delimited by %j', (text, delimiter) => {
  expect(sniffDelimiter(text)).toBe(delimiter);
});

test('a row is read back as it was written', () => {
  const row = ['plain', 'a "b", c', 'x\ny', '', '5'];
  expect(parseCsv(csvRow(row), ',')).toEqual([row]);
  expect(csvRow([['a'], null, { lon: 1 }])).toBe('"[""a""]",,"{""lon"":1}"\r\n');
});
