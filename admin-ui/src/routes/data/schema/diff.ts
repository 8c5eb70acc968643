// What saving would change, in words, and how dangerous each change is.
import type { CollectionModel, FieldModel } from '../../../api/types';
import { readIndex, renameInSql } from './indexes';

export type Level = 'safe' | 'careful' | 'loss';

export interface Change {
  level: Level;
  text: string;
}

type Shape = Pick<CollectionModel, 'name' | 'type' | 'fields' | 'indexes' | 'viewQuery'>;

const LIST_TYPES = ['select', 'file', 'relation'];
const QUIET = new Set(['help', 'presentable', 'key', 'id', 'name', 'type', 'system', 'primaryKey']);

/** The changes worth a review; order, help and titles are not. */
export function diffCollections(before: Shape, after: Shape): Change[] {
  const changes: Change[] = [];
  if (before.name !== after.name) {
    changes.push({
      level: 'careful',
      text: `The collection is renamed from “${before.name}” to “${after.name}”. Its address in the API changes with it.`,
    });
  }
  if (before.type === 'view') return [...changes, ...diffQuery(before, after)];
  changes.push(...diffFields(before.fields, after.fields));
  changes.push(...diffIndexes(before, after));
  return changes;
}

/** True when nothing at all differs, order and help included. */
export function isSame(before: Shape, after: Shape): boolean {
  const plain = ({ name, fields, indexes, viewQuery }: Shape) =>
    JSON.stringify({
      name,
      fields: fields.map((field) => Object.entries({ ...field, key: undefined }).sort()),
      indexes,
      viewQuery,
    });
  return plain(before) === plain(after);
}

function diffQuery(before: Shape, after: Shape): Change[] {
  if ((before.viewQuery ?? '').trim() === (after.viewQuery ?? '').trim()) return [];
  return [
    {
      level: 'careful',
      text: 'The query changes. Fields that it no longer gives vanish from the API; no record is touched.',
    },
  ];
}

function diffFields(before: FieldModel[], after: FieldModel[]): Change[] {
  const changes: Change[] = [];
  const kept = new Set(after.map((field) => field.id));
  for (const old of before) {
    if (kept.has(old.id)) continue;
    changes.push({
      level: 'loss',
      text: `Field “${old.name}” is deleted, with its value in every record.`,
    });
  }
  for (const field of after) {
    const old = before.find((one) => one.id !== '' && one.id === field.id);
    if (old) changes.push(...diffField(old, field));
    else {
      changes.push({ level: 'safe', text: `Field “${field.name}” (${field.type}) is added.` });
    }
  }
  return changes;
}

function diffField(old: FieldModel, field: FieldModel): Change[] {
  const changes: Change[] = [];
  if (old.name !== field.name) {
    changes.push({
      level: 'careful',
      text: `Field “${old.name}” is renamed to “${field.name}”. Its values stay; clients must use the new name.`,
    });
  }
  if (LIST_TYPES.includes(field.type)) changes.push(...diffCount(old, field));
  for (const key of optionKeys(old, field)) {
    if (LIST_TYPES.includes(field.type) && key === 'maxSelect') continue;
    const [was, is] = [option(old, key), option(field, key)];
    if (JSON.stringify(was) !== JSON.stringify(is)) changes.push(diffOption(field, key, was, is));
  }
  return changes;
}

const option = (field: FieldModel, key: string) => field[key as keyof FieldModel] ?? null;

function optionKeys(old: FieldModel, field: FieldModel): string[] {
  const keys = new Set([...Object.keys(old), ...Object.keys(field)]);
  return [...keys].filter((key) => !QUIET.has(key)).sort();
}

/** One value or many is a different way to store; the way back keeps only the last. */
function diffCount(old: FieldModel, field: FieldModel): Change[] {
  const [was, is] = [old.maxSelect ?? 1, field.maxSelect ?? 1];
  if (was === is) return [];
  const [wasMany, isMany] = [was > 1, is > 1];
  if (wasMany && !isMany) {
    return [
      {
        level: 'loss',
        text: `“${field.name}” holds one value instead of up to ${was}: of several values only the last stays.`,
      },
    ];
  }
  if (isMany && !wasMany) {
    return [
      {
        level: 'careful',
        text: `“${field.name}” holds up to ${is} values: the API gives a list instead of one value.`,
      },
    ];
  }
  return [{ level: 'safe', text: `“${field.name}” holds up to ${is} values instead of ${was}.` }];
}

function diffOption(field: FieldModel, key: string, was: unknown, is: unknown): Change {
  const name = `“${field.name}”`;
  if (key === 'required') {
    return is
      ? {
          level: 'careful',
          text: `${name} becomes required. Records without a value stay, but cannot be saved again without one.`,
        }
      : { level: 'safe', text: `${name} is no longer required.` };
  }
  if (key === 'hidden') {
    return is
      ? { level: 'careful', text: `${name} is hidden from everybody but superusers.` }
      : {
          level: 'careful',
          text: `${name} is no longer hidden: whoever may read a record sees it.`,
        };
  }
  if (key === 'values') {
    const gone = (was as string[]).filter((value) => !(is as string[]).includes(value));
    if (gone.length) {
      return {
        level: 'careful',
        text: `${name} no longer offers ${gone.join(', ')}. Records that hold it stay, but cannot be saved again with it.`,
      };
    }
    return { level: 'safe', text: `${name} offers ${(is as string[]).join(', ')}.` };
  }
  if (key === 'cascadeDelete' && is) {
    return {
      level: 'careful',
      text: `From now on a record is deleted together with the one that its ${name} points to.`,
    };
  }
  if (key === 'protected' && !is) {
    return {
      level: 'careful',
      text: `The files of ${name} can be read by anyone with their address.`,
    };
  }
  return {
    level: 'safe',
    text: `${name}: ${wordOf(key)} changes from ${shown(was, field)} to ${shown(is, field)}. Checked when a record is saved.`,
  };
}

const wordOf = (key: string) => key.replace(/([A-Z])/g, ' $1').toLowerCase();

function shown(value: unknown, field: FieldModel): string {
  if (value === null || value === '') return 'none';
  if (value === 0 && field.type !== 'number') return 'none';
  if (Array.isArray(value)) return value.length ? value.join(', ') : 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

function diffIndexes(before: Shape, after: Shape): Change[] {
  const changes: Change[] = [];
  const key = (statement: string) => statement.replace(/\s+/g, ' ').trim();
  const was = before.indexes.map((one) => key(followRenames(one, before, after)));
  const is = after.indexes.map(key);
  for (const gone of was.filter((one) => !is.includes(one))) {
    const parts = readIndex(gone);
    const again = is.some((one) => parts && readIndex(one)?.name === parts.name);
    if (again) continue;
    changes.push({
      level: 'safe',
      text: parts?.unique
        ? `Unique index ${parts.name} is dropped: equal values become possible.`
        : `Index ${parts?.name ?? gone} is dropped.`,
    });
  }
  for (const made of is.filter((one) => !was.includes(one))) {
    const parts = readIndex(made);
    changes.push(
      parts?.unique
        ? {
            level: 'careful',
            text: `${parts.columns.join(' and ')} must be unique (index ${parts.name}). Saving fails if two records are equal there.`,
          }
        : { level: 'safe', text: `Index ${parts?.name ?? made} is built.` },
    );
  }
  return changes;
}

/** What only follows a renamed field or collection is no change of its own. */
function followRenames(statement: string, before: Shape, after: Shape): string {
  let text = renameInSql(statement, before.name, after.name);
  for (const old of before.fields) {
    const field = after.fields.find((one) => one.id === old.id);
    if (field && field.name !== old.name) text = renameInSql(text, old.name, field.name);
  }
  return text;
}
