import { type Failure, toFailure } from '../../api/errors';
import {
  readSettings,
  writeSettings,
  type Settings,
  type SettingsChange,
} from '../../api/settings';

type Section = keyof Settings;

/** The settings while they are being edited. */
export class SettingsDraft {
  #saved = $state.raw<Settings | null>(null);
  /** What the boxes hold; there only once the settings have been read. */
  values = $state<Settings | null>(null);
  /** Why they could not be read. */
  unread = $state.raw<Failure | null>(null);
  /** Why they could not be saved. */
  failure = $state.raw<Failure | null>(null);
  saving = $state(false);

  readonly change = $derived.by(() => changeOf(this.#saved, this.values));
  readonly dirty = $derived(Object.keys(this.change).length > 0);

  async load(): Promise<void> {
    this.unread = null;
    try {
      this.#take(await readSettings());
    } catch (error) {
      this.unread = toFailure(error);
    }
  }

  discard(): void {
    if (this.#saved) this.#take(this.#saved);
  }

  async save(): Promise<boolean> {
    this.saving = true;
    this.failure = null;
    try {
      this.#take(await writeSettings(this.change));
      return true;
    } catch (error) {
      this.failure = toFailure(error);
      return false;
    } finally {
      this.saving = false;
    }
  }

  error(path: string): string | undefined {
    return this.failure?.fields[path];
  }

  #take({ meta, smtp }: Settings): void {
    this.#saved = { meta, smtp };
    // The password is never told: an empty box keeps the stored one.
    this.values = { meta: { ...meta }, smtp: { ...smtp, password: '' } };
    this.failure = null;
  }
}

/** Only what is different, so that nothing else is overwritten. */
export function changeOf(saved: Settings | null, values: Settings | null): SettingsChange {
  if (!saved || !values) return {};
  const change: Record<string, Record<string, unknown>> = {};
  for (const section of ['meta', 'smtp'] as Section[]) {
    const before = saved[section] as unknown as Record<string, unknown>;
    for (const [key, value] of Object.entries(values[section])) {
      if (value === (before[key] ?? '')) continue;
      (change[section] ??= {})[key] = value;
    }
  }
  return change as SettingsChange;
}
