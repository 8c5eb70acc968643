// The record form: what was, what is typed, what goes to the server and what comes back.
import { pb } from '../../../api/client';
import { toFailure, type Failure } from '../../../api/errors';
import type { CollectionModel, FieldModel, RecordModel } from '../../../api/types';
import { kindOf } from '../../../fields/registry';
import { readDraft, writeDraft, type Draft } from './drafts';
import { formFields, PASSWORD_CONFIRM } from './form-fields';

type Values = Record<string, unknown>;

/** Neither outlives the page: secrets should not, files cannot. */
const UNDRAFTED = new Set(['password', 'file']);
const NEW = 'new';

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export class RecordForm {
  readonly fields: FieldModel[];
  /** Absent for a record that does not exist yet. */
  record = $state.raw<RecordModel | undefined>();
  values = $state.raw<Values>({});
  saving = $state(false);
  failure = $state.raw<Failure | null>(null);
  /** What was typed before is back in the form. */
  isRestored = $state(false);
  #initial = $state.raw<Values>({});

  readonly changed = $derived(
    this.fieldNames().filter((name) => !same(this.values[name], this.#initial[name])),
  );

  /** `seed` fills a new record: a copy of another. */
  constructor(
    readonly collection: CollectionModel,
    record: RecordModel | undefined,
    seed?: Values,
  ) {
    this.fields = formFields(collection, record === undefined);
    this.#take(record);
    if (seed) this.values = { ...this.values, ...seed };
    else this.#restore();
  }

  get draftId(): string {
    return this.record?.id ?? NEW;
  }

  fieldNames(): string[] {
    return this.fields.map((field) => field.name);
  }

  set(name: string, value: unknown): void {
    this.values = { ...this.values, [name]: value };
    if (this.failure?.fields[name]) {
      const fields = Object.entries(this.failure.fields).filter(([key]) => key !== name);
      this.failure = { ...this.failure, fields: Object.fromEntries(fields) };
    }
    this.#keep();
  }

  putBack(name: string): void {
    this.set(name, this.#initial[name]);
  }

  discard(): void {
    this.values = this.#initial;
    this.failure = null;
    this.isRestored = false;
    this.#keep();
  }

  /** The server's word where it spoke, else what can be told from here. */
  errorOf(field: FieldModel): string {
    const said = this.failure?.fields[field.name];
    if (said) return said;
    const isUntouched = same(this.values[field.name], this.#initial[field.name]);
    return isUntouched ? '' : (kindOf(field).check?.(this.values[field.name], field) ?? '');
  }

  get errors(): FieldModel[] {
    return this.fields.filter((field) => this.errorOf(field) !== '');
  }

  /** True when saved. What cannot be right is not sent. */
  async save(expand: string): Promise<boolean> {
    if (this.saving || this.#isBadHere()) return false;
    this.saving = true;
    this.failure = null;
    try {
      const records = pb.collection(this.collection.id);
      const options = expand ? { expand } : {};
      const saved = this.record
        ? await records.update<RecordModel>(this.record.id, this.#body(), options)
        : await records.create<RecordModel>(this.#body(), options);
      writeDraft(this.collection.id, this.draftId, {});
      this.isRestored = false;
      this.#take(saved);
      return true;
    } catch (error) {
      this.failure = toFailure(error);
      return false;
    } finally {
      this.saving = false;
    }
  }

  #isBadHere(): boolean {
    return this.fields.some((field) => kindOf(field).check?.(this.values[field.name], field));
  }

  #take(record: RecordModel | undefined): void {
    this.record = record;
    this.#initial = Object.fromEntries(
      this.fields.map((field) => [field.name, kindOf(field).toForm(record?.[field.name], field)]),
    );
    this.values = this.#initial;
  }

  #body(): Values {
    const names = [...this.changed];
    // The server wants both, and says so if the second was left out.
    if (names.includes('password')) names.push(PASSWORD_CONFIRM);
    return Object.fromEntries(
      this.fields
        .filter((field) => names.includes(field.name))
        .map((field) => [field.name, kindOf(field).toWire(this.values[field.name], field)]),
    );
  }

  #draftable(): FieldModel[] {
    return this.fields.filter((field) => !UNDRAFTED.has(field.type));
  }

  #keep(): void {
    const draft: Draft = {};
    for (const { name } of this.#draftable()) {
      if (!same(this.values[name], this.#initial[name])) draft[name] = this.values[name];
    }
    writeDraft(this.collection.id, this.draftId, draft);
  }

  #restore(): void {
    const draft = readDraft(this.collection.id, this.draftId);
    if (!draft) return;
    const known = this.#draftable().filter(({ name }) => name in draft);
    this.values = {
      ...this.values,
      ...Object.fromEntries(known.map(({ name }) => [name, draft[name]])),
    };
    this.isRestored = this.changed.length > 0;
  }
}

/** The values of a copy. Files and passwords cannot be copied, and a copy has its own id. */
export function seedFrom(collection: CollectionModel, record: RecordModel): Values {
  const copied = formFields(collection, false).filter((field) => !UNDRAFTED.has(field.type));
  return Object.fromEntries(
    copied.map((field) => [field.name, kindOf(field).toForm(record[field.name], field)]),
  );
}
