import { readSettings, writeSettings, type Settings } from '../../api/settings';
import { Draft } from '../../state/draft.svelte';

/** The settings while they are being edited. */
export class SettingsDraft extends Draft<Settings> {
  protected read = readSettings;
  protected write = writeSettings as (change: Partial<Settings>) => Promise<Settings>;
  protected changeOf = changeOf;

  /** Secrets are never told: an empty box keeps the stored one. */
  protected override editable(saved: Settings): Settings {
    const values = structuredClone(saved);
    values.smtp.password = '';
    values.s3.secret = '';
    values.backups.s3.secret = '';
    return values;
  }
}

type Bag = Record<string, unknown>;

/** The parts that differ; a list counts as one. The server puts them into what it has. */
export function changeOf(saved: Settings, values: Settings): Partial<Settings> {
  return difference(saved as unknown as Bag, values as unknown as Bag) as Partial<Settings>;
}

function difference(saved: Bag, values: Bag): Bag {
  const change: Bag = {};
  for (const [key, now] of Object.entries(values)) {
    const before = saved[key];
    if (isBag(now) && isBag(before)) {
      const inside = difference(before, now);
      if (Object.keys(inside).length) change[key] = inside;
    } else if (JSON.stringify(now) !== JSON.stringify(before ?? '')) change[key] = now;
  }
  return change;
}

function isBag(value: unknown): value is Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
