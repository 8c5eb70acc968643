// What a backup would change: its collections beside those of now.
import type { Manifest } from '../../api/backups';

export interface Change {
  name: string;
  /** Null is "not there". */
  now: number | null;
  then: number | null;
}

/** Those that differ, the greatest loss first, and how many do not. */
export function changesOf(
  manifest: Manifest,
  now: ReadonlyMap<string, number>,
): { changes: Change[]; same: number } {
  const stored = manifest.collections.filter((one) => one.type !== 'view');
  const then = new Map(stored.map((one) => [one.name, one.records]));
  const names = [...new Set([...then.keys(), ...now.keys()])];
  const all = names.map((name) => ({
    name,
    now: now.get(name) ?? null,
    then: then.get(name) ?? null,
  }));
  const loss = (change: Change) => (change.now ?? 0) - (change.then ?? 0);
  const changes = all
    .filter((change) => change.now !== change.then)
    .sort((a, b) => loss(b) - loss(a) || a.name.localeCompare(b.name));
  return { changes, same: all.length - changes.length };
}
