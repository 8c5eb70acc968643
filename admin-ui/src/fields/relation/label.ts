// What a related record is called: its presentable fields, else a field that reads like a name.
import type { CollectionModel, FieldModel, RecordModel } from '../../api/types';
import { asText } from '../kind';

const NAMES = ['name', 'title', 'label', 'username', 'email', 'slug', 'subject', 'code'];

/** The fields that name a record of this collection; none means its id does. */
export function labelFields(collection: CollectionModel | undefined): string[] {
  if (!collection) return [];
  const presentable = collection.fields.filter((field) => field.presentable);
  if (presentable.length > 0) return presentable.map((field) => field.name);
  const has = new Set(collection.fields.map((field) => field.name));
  return NAMES.filter((name) => has.has(name)).slice(0, 1);
}

/** A second line, to tell records of one name apart. */
export function detailFields(collection: CollectionModel | undefined): string[] {
  if (!collection) return [];
  const label = labelFields(collection);
  const fits = ({ name, type, hidden }: FieldModel) =>
    !hidden && !label.includes(name) && (type === 'email' || NAMES.includes(name));
  return collection.fields
    .filter(fits)
    .map((field) => field.name)
    .slice(0, 2);
}

export function labelOf(record: RecordModel, collection: CollectionModel | undefined): string {
  const words = labelFields(collection).map((name) => asText(record[name]));
  return words.filter(Boolean).join(' ') || record.id;
}

export function detailOf(record: RecordModel, collection: CollectionModel | undefined): string {
  const words = detailFields(collection).map((name) => asText(record[name]));
  return words.filter(Boolean).join(' · ');
}

/** The last letters, which differ where the first are alike. */
export function idEnd(id: string): string {
  return id.slice(-5);
}

export function expanded(record: RecordModel, field: string): Map<string, RecordModel> {
  const expand = record['expand'];
  const found =
    typeof expand === 'object' && expand !== null
      ? (expand as Record<string, RecordModel | RecordModel[] | undefined>)[field]
      : undefined;
  const list = found === undefined ? [] : Array.isArray(found) ? found : [found];
  return new Map(list.map((one) => [one.id, one]));
}
