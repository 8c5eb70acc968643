import { expect, test } from 'vitest';
import type { SqlResult } from '../../api/sql';
import { columnsOf, pagesOf, rowsOf, toCsv, toJson } from './result';

const result: SqlResult = {
  execTime: 1,
  affectedRows: 0,
  columns: ['id', 'id', 'text'].map((name) => ({ name, type: 'TEXT', nullable: true })),
  rows: [
    ['1', '2', 'a "b", c'],
    ['3', null, ''],
  ],
};

test('NULL and the empty text differ in a file', () => {
  expect(toCsv(result)).toBe('id,id,text\r\n1,2,"a ""b"", c"\r\n3,,""\r\n');
  expect(JSON.parse(toJson({ ...result, columns: result.columns.slice(1) }))[1]).toEqual({
    id: '3',
    text: null,
  });
});

test('columns of one name stay apart', async () => {
  const names = columnsOf(result, {}).map((column) => column.name);
  expect(new Set(names).size).toBe(3);
  const page = await pagesOf(rowsOf(result))({ page: 0 } as never);
  expect(page.total).toBe(2);
  expect(names.map((name) => page.items[1]?.[name])).toEqual(['3', null, '']);
});
