import { SvelteMap } from 'svelte/reactivity';
import { updateCollection, updatedAt, viewCollection } from '../../../api/collections';
import { type Failure, toFailure } from '../../../api/errors';
import type { CollectionModel } from '../../../api/types';
import { collections } from '../../../state/collections.svelte';
import { type Change, diffCollections, isSame } from './diff';
import { isUniqueOn, renameInSql, uniqueIndex } from './indexes';
import { type DraftField, newKey, toWire } from './new-field';
import type { QuickField } from './quick-line';
import { renameInRule } from './rename';

export const RULES = [
  'listRule',
  'viewRule',
  'createRule',
  'updateRule',
  'deleteRule',
  'authRule',
  'manageRule',
] as const;

interface DraftIndex {
  key: string;
  text: string;
}

/** A collection's schema as it is being edited. */
export class SchemaDraft {
  original = $state.raw<CollectionModel>() as CollectionModel;
  name = $state('');
  viewQuery = $state('');
  fields = $state<DraftField[]>([]);
  indexes = $state<DraftIndex[]>([]);
  failure = $state.raw<Failure | null>(null);
  /** Somebody else changed the collection since it was read. */
  overtaken = $state(false);
  saving = $state(false);

  readonly shape = $derived({
    name: this.name,
    type: this.original.type,
    fields: this.fields,
    indexes: this.indexes.map((index) => index.text.trim()).filter(Boolean),
    viewQuery: this.viewQuery,
  });
  readonly dirty = $derived(
    !isSame({ ...this.original, viewQuery: this.original.viewQuery ?? '' }, this.shape),
  );
  readonly changes = $derived<Change[]>(diffCollections(this.original, this.shape));

  constructor(collection: CollectionModel) {
    this.load(collection);
  }

  /** Starts anew from what the server has. */
  load(collection: CollectionModel): void {
    this.original = collection;
    this.name = collection.name;
    this.viewQuery = collection.viewQuery ?? '';
    this.fields = collection.fields.map((field) => ({ ...structuredClone(field), key: field.id }));
    this.indexes = collection.indexes.map((text) => ({ key: newKey(), text }));
    this.failure = null;
    this.overtaken = false;
  }

  add(added: QuickField[]): void {
    for (const { field, unique } of added) {
      // The same name as a field that is being deleted must not bring its values back.
      const clash = this.original.fields.some((old) => old.name === field.name);
      const id = clash ? `${field.type}${Date.now()}${Math.floor(Math.random() * 1000)}` : '';
      this.fields.splice(this.#endOfOwn(), 0, { ...field, id });
      if (unique) this.setUnique(field, true);
    }
  }

  /** New fields stand before the automatic dates at the end. */
  #endOfOwn(): number {
    let at = this.fields.length;
    while (at > 0 && this.fields[at - 1]?.type === 'autodate') at -= 1;
    return at === 0 ? this.fields.length : at;
  }

  set(field: DraftField, key: keyof DraftField, value: unknown): void {
    const at = this.fields.findIndex((one) => one.key === field.key);
    if (at >= 0) Object.assign(this.fields[at] as DraftField, { [key]: value });
  }

  rename(field: DraftField, name: string): void {
    for (const index of this.indexes) index.text = renameInSql(index.text, field.name, name);
    this.set(field, 'name', name);
  }

  /** Takes a field out and returns how to put it back. */
  remove(field: DraftField): () => void {
    const at = this.fields.findIndex((one) => one.key === field.key);
    const taken = this.fields.splice(at, 1)[0];
    const gone = this.indexes.filter((index) => isUniqueOn(index.text, field.name));
    this.indexes = this.indexes.filter((index) => !gone.includes(index));
    return () => {
      if (taken) this.fields.splice(at, 0, taken);
      this.indexes.push(...gone);
    };
  }

  move(field: DraftField, to: number): void {
    const from = this.fields.findIndex((one) => one.key === field.key);
    if (from < 0 || to < 0 || to >= this.fields.length || to === from) return;
    const [taken] = this.fields.splice(from, 1);
    if (taken) this.fields.splice(to, 0, taken);
  }

  isUnique(field: DraftField): boolean {
    return field.primaryKey || this.indexes.some((index) => isUniqueOn(index.text, field.name));
  }

  setUnique(field: DraftField, unique: boolean): void {
    this.indexes = this.indexes.filter((index) => !isUniqueOn(index.text, field.name));
    if (unique) this.indexes.push({ key: newKey(), text: uniqueIndex(this.name, field) });
  }

  addIndex(): void {
    const text = `CREATE INDEX \`idx_${this.name}_\` ON \`${this.name}\` (\`\`)`;
    this.indexes.push({ key: newKey(), text });
  }

  removeIndex(key: string): void {
    this.indexes = this.indexes.filter((index) => index.key !== key);
  }

  /** The server's message at an option of a field; `''` where there is none. */
  errorAt(field: DraftField, option: string): string {
    const at = this.fields.findIndex((one) => one.key === field.key);
    return this.#messages(`fields.${at}.${option}`);
  }

  hasErrors(field: DraftField): boolean {
    const at = this.fields.findIndex((one) => one.key === field.key);
    return this.#messages(`fields.${at}.`) !== '';
  }

  error(path: string): string {
    return this.failure?.fields[path] ?? '';
  }

  #messages(prefix: string): string {
    const found = Object.entries(this.failure?.fields ?? {}).filter(([path]) =>
      prefix.endsWith('.')
        ? path.startsWith(prefix)
        : path === prefix || path.startsWith(`${prefix}.`),
    );
    const messages = found.map(([, message]) => message);
    return messages.filter((one, at) => messages.indexOf(one) === at).join(' ');
  }

  /** True when it was saved; otherwise `failure` or `overtaken` tells why not. */
  async save(force = false): Promise<boolean> {
    this.saving = true;
    this.failure = null;
    this.overtaken = false;
    try {
      if (!force && (await updatedAt(this.original.id)) !== this.#latest().updated) {
        this.overtaken = true;
        return false;
      }
      const saved = await updateCollection(this.original.id, this.#payload());
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

  /** Gives up what was edited here for what the server has by now. */
  async loadTheirs(): Promise<void> {
    const theirs = await viewCollection(this.original.id);
    collections.put(theirs);
    this.load(theirs);
  }

  /** What this browser last heard of the collection; its own saves of rules included. */
  #latest(): CollectionModel {
    return collections.byName(this.original.id) ?? this.original;
  }

  #payload() {
    const { name, viewQuery, indexes } = this.shape;
    if (this.original.type === 'view') return { name, viewQuery };
    const fields = this.fields.map((field) => toWire($state.snapshot(field) as DraftField));
    return { name, fields, indexes, ...this.#followedRules() };
  }

  /** The rules in which a renamed field stands, with its new name. */
  #followedRules(): Record<string, string> {
    const changed: Record<string, string> = {};
    for (const key of RULES) {
      const rule = this.#latest()[key];
      if (!rule) continue;
      let text = rule;
      for (const old of this.original.fields) {
        const field = this.fields.find((one) => one.id === old.id);
        if (field && field.name !== old.name) text = renameInRule(text, old.name, field.name);
      }
      if (text !== rule) changed[key] = text;
    }
    return changed;
  }
}

/** Drafts outlive leaving the tab; the panel marks the collections that have one. */
const drafts = new SvelteMap<string, SchemaDraft>();

export function draftOf(collection: CollectionModel): SchemaDraft {
  const known = drafts.get(collection.id);
  if (known?.dirty) return known;
  const made = new SchemaDraft(collection);
  drafts.set(collection.id, made);
  return made;
}

export function hasDraft(id: string): boolean {
  return drafts.get(id)?.dirty ?? false;
}

export function dropDraft(id: string): void {
  drafts.delete(id);
}
