import { SvelteMap } from 'svelte/reactivity';
import { readAuthOptions, writeAuthOptions, type AuthOptions } from '../../../api/auth-options';
import { type Failure, toFailure } from '../../../api/errors';

/** How people sign in to a collection, while it is being edited. */
export class AuthDraft {
  #saved = $state.raw<AuthOptions | null>(null);
  /** There only once they have been read. */
  values = $state<AuthOptions | null>(null);
  unread = $state.raw<Failure | null>(null);
  failure = $state.raw<Failure | null>(null);
  saving = $state(false);

  readonly change = $derived.by(() => changeOf(this.#saved, this.values));
  readonly dirty = $derived(Object.keys(this.change).length > 0);

  constructor(readonly id: string) {}

  get saved(): AuthOptions | null {
    return this.#saved;
  }

  async load(): Promise<void> {
    this.unread = null;
    try {
      this.#take(await readAuthOptions(this.id));
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
      this.#take(await writeAuthOptions(this.id, this.change));
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

  #take(options: AuthOptions): void {
    this.#saved = options;
    this.values = structuredClone(options);
    this.failure = null;
  }
}

/** The parts that differ. A secret that was not typed is left out, which keeps the stored one. */
export function changeOf(
  saved: AuthOptions | null,
  values: AuthOptions | null,
): Partial<AuthOptions> {
  if (!saved || !values) return {};
  const now = withoutEmptySecrets(values);
  const keys = Object.keys(now) as (keyof AuthOptions)[];
  const differs = (key: keyof AuthOptions) =>
    JSON.stringify(now[key]) !== JSON.stringify(saved[key]);
  return Object.fromEntries(keys.filter(differs).map((key) => [key, now[key]]));
}

function withoutEmptySecrets(values: AuthOptions): AuthOptions {
  const providers = values.oauth2.providers.map(({ clientSecret, ...rest }) =>
    clientSecret ? { ...rest, clientSecret } : rest,
  );
  return { ...values, oauth2: { ...values.oauth2, providers } };
}

/** Drafts outlive leaving the tab. */
const drafts = new SvelteMap<string, AuthDraft>();

export function authDraftOf(id: string): AuthDraft {
  const known = drafts.get(id);
  if (known?.dirty) return known;
  const made = new AuthDraft(id);
  drafts.set(id, made);
  void made.load();
  return made;
}
