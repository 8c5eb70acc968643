// The rows of EXPLAIN QUERY PLAN as a tree, with what each step means.
import type { SqlResult } from '../../api/sql';

export interface PlanStep {
  id: string;
  detail: string;
  /** Reads every row of this table; empty for other steps. */
  scans: string;
  /** Uses an index or a key. */
  isFast: boolean;
  /** Sorts or groups without an index to help. */
  isSort: boolean;
  children: PlanStep[];
}

function toStep(id: string, detail: string): PlanStep {
  const scan = /^SCAN (?:TABLE )?(\S+)/.exec(detail);
  const usesIndex = /USING (?:COVERING )?INDEX|USING INTEGER PRIMARY KEY/.test(detail);
  return {
    id,
    detail,
    scans: scan?.[1] && !usesIndex && scan[1] !== 'CONSTANT' ? scan[1] : '',
    isFast: usesIndex,
    isSort: /^USE TEMP B-TREE/.test(detail),
    children: [],
  };
}

export function planOf({ columns, rows }: SqlResult): PlanStep[] {
  const at = (name: string) => columns.findIndex((column) => column.name === name);
  const [id, parent, detail] = [at('id'), at('parent'), at('detail')];
  const top: PlanStep[] = [];
  const byId = new Map<string, PlanStep>();
  for (const row of rows) {
    const step = toStep(row[id] ?? '', row[detail] ?? '');
    byId.set(step.id, step);
    (byId.get(row[parent] ?? '')?.children ?? top).push(step);
  }
  return top;
}

export function explain(statement: string): string {
  return /^explain\b/i.test(statement) ? statement : `EXPLAIN QUERY PLAN ${statement}`;
}
