import { expect, test } from 'vitest';
import {
  isWriting,
  literalOf,
  parametersOf,
  placeOfError,
  splitStatements,
  statementAt,
  withParameters,
} from './statements';

const texts = (sql: string) => splitStatements(sql).map((one) => one.text);

test('statements end at semicolons, but not at those of texts, names and comments', () => {
  expect(texts(`select ';' as "a;b", [c;d] from x -- ; no\n; /* ; */ select 'it''s;' ;;`)).toEqual([
    `select ';' as "a;b", [c;d] from x`,
    `select 'it''s;'`,
  ]);
  expect(texts('-- nothing')).toEqual([]);
  expect(texts("select 'open")).toEqual(["select 'open"]);
});

test('a trigger is one statement', () => {
  const trigger =
    'create trigger t after insert on a begin update b set n = case when 1 then 2 end; delete from c; end';
  expect(texts(`${trigger}; select 1`)).toEqual([trigger, 'select 1']);
});

test('the statement at the cursor', () => {
  const sql = 'select 1;\n\nselect 2;  select 3';
  const at = (place: number) => statementAt(sql, place)?.text;
  expect([at(0), at(8), at(9), at(10), at(12), at(99)]).toEqual([
    'select 1',
    'select 1',
    'select 1',
    'select 2',
    'select 2',
    'select 3',
  ]);
  expect(statementAt('  ', 0)).toBeNull();
});

test.each([
  ['select replace(a, 1, 2) from delete_log', false],
  ['  -- why\n SELECT 1', false],
  ['values (1)', false],
  ['explain query plan delete from a', false],
  ['with x as (select 1) select * from x', false],
  ['with x as (select replace(1,2,3)) select "delete" from x', false],
  ['pragma table_info', false],
  ['with x as (select 1) delete from a', true],
  ['insert into a values (1)', true],
  ['/* */ drop table a', true],
  ['vacuum', true],
  ['begin', true],
  ['pragma user_version = 3', true],
  ['', false],
  ['selec 1', false],
])('%s: writing %s', (sql, writing) => {
  expect(isWriting(sql)).toBe(writing);
});

test('parameters are asked for once and written in as values', () => {
  const sql = `select * from a where x > :since and y = ':no' and z = $z or w = :since -- :no`;
  expect(parametersOf(sql)).toEqual([':since', '$z']);
  expect(withParameters(sql, { ':since': "o'clock", $z: '12.5' })).toBe(
    `select * from a where x > 'o''clock' and y = ':no' and z = 12.5 or w = 'o''clock' -- :no`,
  );
});

test('only plain numbers are numbers', () => {
  expect(['1', '-2.5', '007', '1e3', '', '1; drop'].map(literalOf)).toEqual([
    '1',
    '-2.5',
    "'007'",
    "'1e3'",
    'NULL',
    "'1; drop'",
  ]);
});

test.each([
  ['selec 1', 'SQL logic error: near "selec": syntax error (1)', [0, 5]],
  ['select nope from a', 'SQL logic error: no such column: nope (1)', [7, 11]],
  ['select 1 from b', 'no such table: main.b', [14, 15]],
  [`select 'from' frm a`, 'near "frm": syntax error', [14, 17]],
  ['select 1', 'database is locked', null],
])('where the error of %s belongs', (sql, message, place) => {
  const found = placeOfError(sql, message);
  expect(found && [found.from, found.to]).toEqual(place);
});
