import { expect, test } from 'vitest';
import { explain, planOf } from './plan';

const columns = ['id', 'parent', 'notused', 'detail'].map((name) => ({
  name,
  type: '',
  nullable: true,
}));

test('steps hang below their parents, and tell what they cost', () => {
  const steps = planOf({
    execTime: 0,
    affectedRows: 0,
    columns,
    rows: [
      ['3', '0', '0', 'MERGE (UNION)'],
      ['4', '3', '0', 'SCAN posts'],
      ['9', '3', '0', 'SEARCH u USING INDEX users_email (email=?)'],
      ['12', '0', '0', 'USE TEMP B-TREE FOR ORDER BY'],
      ['14', '0', '0', 'SCAN c USING COVERING INDEX c_x'],
      ['15', '0', '0', 'SCAN CONSTANT ROW'],
    ],
  });
  expect(steps.map((step) => [step.detail.slice(0, 5), step.children.length])).toEqual([
    ['MERGE', 2],
    ['USE T', 0],
    ['SCAN ', 0],
    ['SCAN ', 0],
  ]);
  const [scan, search] = steps[0]?.children ?? [];
  expect([scan?.scans, search?.isFast, steps[1]?.isSort]).toEqual(['posts', true, true]);
  expect([steps[2]?.scans, steps[3]?.scans]).toEqual(['', '']);
});

test('an explanation is not explained again', () => {
  expect(explain('select 1')).toBe('EXPLAIN QUERY PLAN select 1');
  expect(explain('Explain select 1')).toBe('Explain select 1');
});
