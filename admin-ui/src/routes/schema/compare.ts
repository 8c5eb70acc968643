import type { FullCollection, FullField } from '../../api/schema';

/** One line of the comparison. */
export interface Difference {
  /** Such as `title · required` or `listRule`. */
  what: string;
  /** Undefined where it is not there. */
  now: string | undefined;
  then: string | undefined;
  /** What cannot be had back. */
  loses: boolean;
}

export interface Comparison {
  name: string;
  /** Of the collection on this server. */
  id: string | undefined;
  state: 'added' | 'changed' | 'removed' | 'same';
  differences: Difference[];
}

export type Incoming = Record<string, unknown> & { name: string };

/** Of the collection itself; told apart or of no interest to others. */
const OWN = new Set(['id', 'created', 'updated', 'fields', 'indexes', 'name', 'system', 'type']);
const OF_A_FIELD = new Set(['id', 'system', 'primaryKey']);

/** The collections of a file, as it may have been written: a list, or an object that has one. */
export function readCollections(text: string): Incoming[] | null {
  const read: unknown = JSON.parse(text);
  const list: unknown = Array.isArray(read)
    ? read
    : (read as { collections?: unknown })?.collections;
  const isOne = (one: unknown): one is Incoming =>
    typeof one === 'object' &&
    one !== null &&
    typeof (one as Incoming).name === 'string' &&
    (Array.isArray((one as Incoming)['fields']) || 'viewQuery' in one);
  return Array.isArray(list) && list.length > 0 && list.every(isOne) ? list : null;
}

/** What an import would change. Without `deleteMissing` what is missing in it stays. */
export function compare(
  now: readonly FullCollection[],
  then: readonly Incoming[],
  deleteMissing: boolean,
): Comparison[] {
  const found = then.map((one) => {
    const before = now.find(({ id, name }) => id === one['id'] || name === one.name);
    return compareOne(before, one, deleteMissing);
  });
  if (!deleteMissing) return found;
  const gone = now.filter(
    (old) => !old.system && !then.some((one) => old.id === one['id'] || old.name === one.name),
  );
  return [
    ...found,
    ...gone.map(({ id, name, fields }) => ({
      id,
      name,
      state: 'removed' as const,
      differences: [
        { what: name, now: `${String(fields.length)} fields`, then: undefined, loses: true },
      ],
    })),
  ];
}

function compareOne(
  now: FullCollection | undefined,
  then: Incoming,
  deleteMissing: boolean,
): Comparison {
  const differences = [
    ...compareOptions(now ?? {}, then),
    ...compareFields(now?.fields ?? [], (then['fields'] as FullField[] | undefined) ?? [], {
      deleteMissing: deleteMissing && then['type'] !== 'view',
    }),
    ...compareIndexes(now?.indexes ?? [], (then['indexes'] as string[] | undefined) ?? [], {
      deleteMissing,
    }),
  ];
  if (now && now.name !== then.name) {
    differences.unshift({ what: 'name', now: now.name, then: then.name, loses: false });
  }
  const state = now ? (differences.length ? 'changed' : 'same') : 'added';
  return { id: now?.id, name: then.name, state, differences };
}

interface How {
  deleteMissing: boolean;
}

function compareFields(now: FullField[], then: FullField[], { deleteMissing }: How): Difference[] {
  const found = then.flatMap((field) => {
    const before =
      now.find(({ id }) => id === field.id) ?? now.find(({ name }) => name === field.name);
    if (!before) return [{ what: field.name, now: undefined, then: field.type, loses: false }];
    return compareField(before, field);
  });
  if (!deleteMissing) return found;
  const gone = now.filter(
    (old) =>
      old['system'] !== true && !then.some(({ id, name }) => id === old.id || name === old.name),
  );
  return [
    ...found,
    ...gone.map(({ name, type }) => ({ what: name, now: type, then: undefined, loses: true })),
  ];
}

function compareField(now: FullField, then: FullField): Difference[] {
  if (now.type !== then.type) {
    return [{ what: then.name, now: now.type, then: then.type, loses: true }];
  }
  return Object.entries(then)
    .filter(([key]) => !OF_A_FIELD.has(key))
    .filter(([key, value]) => !isSame(value, now[key]))
    .map(([key, value]) => ({
      what: `${now.name} · ${key}`,
      now: shown(now[key]),
      then: shown(value),
      loses: false,
    }));
}

function compareIndexes(now: string[], then: string[], { deleteMissing }: How): Difference[] {
  const plain = (index: string) => index.replace(/\s+/g, ' ').trim();
  const [before, after] = [now.map(plain), then.map(plain)];
  const nameOf = (index: string) => /index\s+(?:if not exists\s+)?[`"[]?(\w+)/i.exec(index)?.[1];
  const made = after
    .filter((index) => !before.includes(index))
    .map((index) => {
      const old = before.find((one) => nameOf(one) === nameOf(index));
      return { what: nameOf(index) ?? 'index', now: old, then: index, loses: false };
    });
  if (!deleteMissing) return made;
  const gone = before.filter((index) => !after.some((one) => nameOf(one) === nameOf(index)));
  return [
    ...made,
    ...gone.map((index) => ({
      what: nameOf(index) ?? 'index',
      now: index,
      then: undefined,
      loses: false,
    })),
  ];
}

/** What the import does not name stays as it is. */
function compareOptions(now: Record<string, unknown>, then: Incoming): Difference[] {
  return Object.entries(then)
    .filter(([key]) => !OWN.has(key))
    .filter(([key, value]) =>
      key.endsWith('Rule') ? (value ?? null) !== (now[key] ?? null) : !isWithin(value, now[key]),
    )
    .map(([key, value]) => ({
      what: key,
      now: key in now ? shown(now[key]) : undefined,
      then: shown(value),
      loses: false,
    }));
}

/** Whether all that the import says of it is there already. */
function isWithin(then: unknown, now: unknown): boolean {
  if (typeof then !== 'object' || then === null || Array.isArray(then)) return isSame(then, now);
  const bag = (now ?? {}) as Record<string, unknown>;
  return Object.entries(then).every(([key, value]) => isWithin(value, bag[key]));
}

function isSame(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** The order of keys means nothing, and what is left out is empty. */
function canonical(value: unknown): string {
  if (value === undefined || value === '' || value === 0 || value === false) return 'null';
  if (Array.isArray(value)) return value.length ? `[${value.map(canonical).join()}]` : 'null';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .map(([key, one]) => [key, canonical(one)] as const)
    .filter(([, one]) => one !== 'null')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length ? `{${entries.map((entry) => entry.join(':')).join()}}` : 'null';
}

/** A rule of null and one of "" mean opposite things, so both are told apart. */
function shown(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value ?? null);
}
