import { SvelteMap } from 'svelte/reactivity';
import { updateCollection } from '../../../api/collections';
import { type Failure, toFailure } from '../../../api/errors';
import type { CollectionModel } from '../../../api/types';
import { collections } from '../../../state/collections.svelte';
import { type RuleKey, rulesOf } from './choice';

type Rules = Partial<Record<RuleKey, string | null>>;

/** The rules of a collection while they are being edited. */
export class RulesDraft {
  #collection = $state.raw<CollectionModel>() as CollectionModel;
  rules = $state<Rules>({});
  failure = $state.raw<Failure | null>(null);
  saving = $state(false);

  readonly changed = $derived(
    rulesOf(this.#collection).filter((key) => this.rules[key] !== this.saved(key)),
  );

  constructor(collection: CollectionModel) {
    this.load(collection);
  }

  load(collection: CollectionModel): void {
    this.#collection = collection;
    this.rules = Object.fromEntries(rulesOf(collection).map((key) => [key, this.saved(key)]));
    this.failure = null;
  }

  saved(key: RuleKey): string | null {
    return this.#collection[key] ?? null;
  }

  async save(): Promise<boolean> {
    this.saving = true;
    this.failure = null;
    try {
      const change = Object.fromEntries(this.changed.map((key) => [key, this.rules[key] ?? null]));
      const saved = await updateCollection(this.#collection.id, change);
      collections.put(saved);
      this.load(saved);
      return true;
    } catch (error) {
      this.failure = toFailure(error);
      return false;
    } finally {
      this.saving = false;
    }
  }
}

/** Drafts outlive leaving the tab. */
const drafts = new SvelteMap<string, RulesDraft>();

export function rulesDraftOf(collection: CollectionModel): RulesDraft {
  const known = drafts.get(collection.id);
  if (known?.changed.length) return known;
  const made = new RulesDraft(collection);
  drafts.set(collection.id, made);
  return made;
}

export function hasRulesDraft(id: string): boolean {
  return (drafts.get(id)?.changed.length ?? 0) > 0;
}
