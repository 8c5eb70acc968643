import { pb } from './client';

export interface SqlResult {
  /** Milliseconds. */
  execTime: number;
  affectedRows: number;
  columns: { name: string; type: string; nullable: boolean }[];
  /** A cell is a text or null, whatever its column is. */
  rows: (string | null)[][];
}

/** The most that the server answers with. */
export const MAX_ROWS = 1000;

interface Run {
  /** Ours: the server refuses whatever writes, however it begins. */
  readonly: boolean;
  signal?: AbortSignal;
}

export function runSql(query: string, { readonly, signal }: Run): Promise<SqlResult> {
  return pb.send<SqlResult>('/api/sql', {
    method: 'POST',
    body: { query, readonly },
    ...(signal && { signal }),
  });
}
