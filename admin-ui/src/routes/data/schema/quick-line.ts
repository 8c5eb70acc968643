// The quick line: "title text!, length number, author → users, tags select(news, art) [0..3]".
import { FIELD_TYPES, type FieldModel, type FieldType } from '../../../api/types';
import { type DraftField, newField } from './new-field';

export interface QuickField {
  field: DraftField;
  unique: boolean;
}

export type QuickLine =
  { ok: true; fields: QuickField[] } | { ok: false; part: string; reason: string };

interface Target {
  id: string;
  name: string;
}

const aliases: Record<string, { type: FieldType; more?: Partial<FieldModel> }> = {
  string: { type: 'text' },
  int: { type: 'number', more: { onlyInt: true } },
  integer: { type: 'number', more: { onlyInt: true } },
  float: { type: 'number' },
  boolean: { type: 'bool' },
  datetime: { type: 'date' },
  geo: { type: 'geoPoint' },
  geopoint: { type: 'geoPoint' },
  html: { type: 'editor' },
  created: { type: 'autodate', more: { onCreate: true, onUpdate: false } },
  updated: { type: 'autodate', more: { onCreate: true, onUpdate: true } },
};

const kindsOfFile: Record<string, string[]> = {
  image: ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/svg+xml'],
  video: ['video/mp4', 'video/webm', 'video/quicktime'],
  audio: ['audio/mpeg', 'audio/ogg', 'audio/wav'],
  pdf: ['application/pdf'],
};

const PART =
  /^(?<name>\w+)\s*(?:(?:→|->)\s*(?<target>\w+)|(?<type>[A-Za-z]+))?\s*(?:\((?<inside>[^)]*)\))?(?<tail>.*)$/su;
const NAME = /^[A-Za-z_]\w*$/;
const RESERVED = ['null', 'true', 'false', '_rowid_', 'collectionid', 'collectionname', 'expand'];

export function parseQuickLine(line: string, targets: Target[], taken: string[]): QuickLine {
  const fields: QuickField[] = [];
  const names = new Set(taken.map((name) => name.toLowerCase()));
  for (const part of splitParts(line)) {
    const one = parsePart(part, targets);
    if (typeof one === 'string') return { ok: false, part, reason: one };
    const name = one.field.name.toLowerCase();
    if (names.has(name)) {
      return { ok: false, part, reason: `there is already a field “${one.field.name}”` };
    }
    names.add(name);
    fields.push(one);
  }
  return { ok: true, fields };
}

/** Splits at commas that stand outside of brackets. */
function splitParts(line: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= line.length; at += 1) {
    const char = line[at];
    if (char === '(' || char === '[') depth += 1;
    if (char === ')' || char === ']') depth -= 1;
    if (char === undefined || (char === ',' && depth <= 0) || char === '\n') {
      parts.push(line.slice(start, at).trim());
      start = at + 1;
    }
  }
  return parts.filter((part) => part !== '');
}

/** A field, or the reason why it is none. */
function parsePart(part: string, targets: Target[]): QuickField | string {
  const found = PART.exec(part)?.groups;
  const name = found?.['name'] ?? '';
  if (!found || !NAME.test(name))
    return 'a name has letters, digits and _ and starts with a letter';
  if (RESERVED.includes(name.toLowerCase())) return `“${name}” is a reserved name`;

  const { target, type, inside } = found;
  const field = target
    ? relationTo(name, target, targets)
    : plainField(name, type ?? 'text', inside);
  if (typeof field === 'string') return field;
  if (target && inside !== undefined) return 'a relation takes nothing in round brackets';
  const tail = readTail(found['tail'] ?? '', field);
  return typeof tail === 'string' ? tail : { field, unique: tail.unique };
}

function relationTo(name: string, target: string, targets: Target[]): DraftField | string {
  const to = targets.find((one) => one.name.toLowerCase() === target.toLowerCase());
  if (!to) return `there is no collection “${target}”`;
  return newField(name, 'relation', { collectionId: to.id });
}

function plainField(name: string, word: string, inside: string | undefined): DraftField | string {
  const lower = word.toLowerCase();
  const known = FIELD_TYPES.find((type) => type.toLowerCase() === lower);
  const { type, more } = known ? { type: known, more: {} } : (aliases[lower] ?? {});
  if (!type) return `“${word}” is not a type; types are ${FIELD_TYPES.join(', ')}`;
  if (type === 'relation') return 'write a relation with an arrow: author → users';
  const field = newField(name, type, more);
  const items = (inside ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
  if (type === 'select') {
    if (items.length === 0) return 'a select names its values: status select(draft, live)';
    field.values = [...new Set(items)];
  } else if (type === 'file') {
    for (const item of items) {
      const mimes = kindsOfFile[item.toLowerCase()];
      if (!mimes) return `file takes ${Object.keys(kindsOfFile).join(', ')}, not “${item}”`;
      field.mimeTypes = [...(field.mimeTypes ?? []), ...mimes];
    }
  } else if (inside !== undefined) {
    return `${type} takes nothing in round brackets`;
  }
  return field;
}

const RANGE = /^\[\s*(?:(-?[\d.]*?)\s*\.\.\s*)?(-?[\d.]+)?\s*\]/;

/** What follows the type: `!`, `unique`, `hidden` and `[min..max]`, in any order. */
function readTail(tail: string, field: DraftField): { unique: boolean } | string {
  let rest = tail.trim();
  let unique = false;
  while (rest !== '') {
    const range = RANGE.exec(rest);
    const word = /^(?:!|unique\b|hidden\b)/i.exec(rest)?.[0];
    if (word === '!') {
      if (field.type === 'autodate') return 'an autodate fills itself, it cannot be required';
      field.required = true;
    } else if (word?.toLowerCase() === 'unique') unique = true;
    else if (word?.toLowerCase() === 'hidden') field.hidden = true;
    else if (range) {
      const wrong = setRange(field, range[1], range[2]);
      if (wrong) return wrong;
    } else return `“${rest}” is not understood`;
    rest = rest.slice((word ?? range?.[0] ?? '').length).trim();
  }
  return { unique };
}

/** Sets least and most; returns what is wrong with them. */
function setRange(field: DraftField, least: string | undefined, most: string | undefined): string {
  const min = least ? Number(least) : undefined;
  const max = most ? Number(most) : undefined;
  if (Number.isNaN(min) || Number.isNaN(max)) return 'a range is written [1..5]';
  if (min !== undefined && max !== undefined && min > max) return 'a range goes from less to more';
  if (['select', 'file', 'relation'].includes(field.type)) {
    if (max === undefined || max < 1) return 'say how many at most: [0..3]';
    field.maxSelect = max;
    if (field.type === 'relation') field.minSelect = min ?? 0;
    if (field.type === 'select') field.maxSelect = Math.min(max, field.values?.length ?? max);
    if (min) field.required = true;
    return '';
  }
  if (!['text', 'number', 'password'].includes(field.type)) return `${field.type} has no range`;
  if (min !== undefined) field.min = min;
  if (max !== undefined) field.max = max;
  return '';
}
