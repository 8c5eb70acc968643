import { SvelteMap } from 'svelte/reactivity';
import { readAuthOptions, writeAuthOptions, type AuthOptions } from '../../../api/auth-options';
import { Draft } from '../../../state/draft.svelte';

/** How people sign in to a collection, while it is being edited. */
export class AuthDraft extends Draft<AuthOptions> {
  constructor(readonly id: string) {
    super();
  }

  protected read = () => readAuthOptions(this.id);
  protected write = (change: Partial<AuthOptions>) => writeAuthOptions(this.id, change);
  protected changeOf = changeOf;
}

/** The parts that differ. A secret that was not typed is left out, which keeps the stored one. */
export function changeOf(saved: AuthOptions, values: AuthOptions): Partial<AuthOptions> {
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
