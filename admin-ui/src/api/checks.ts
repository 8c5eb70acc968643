import { pb } from './client';

export interface Finding {
  /** Stable: `smtp_off`. */
  id: string;
  level: 'error' | 'warning' | 'note';
  what: string;
  why: string;
  todo?: string;
  collection?: string;
  /** The rule, field or option of the collection. */
  field?: string;
  /** The part of the settings. */
  settings?: string;
}

/** What an operator should look at; the worst first. Other servers of this API have no such route. */
export async function readChecks(): Promise<Finding[]> {
  const { findings } = await pb.send<{ findings: Finding[] }>('/api/gr/checks', {});
  return findings;
}
