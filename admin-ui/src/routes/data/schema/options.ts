// What can be set on a field of each type, as data: one component draws all of it.
import type { FieldModel, FieldType } from '../../../api/types';

export interface OptionSpec {
  key: keyof FieldModel;
  label: string;
  help?: string;
  kind: 'number' | 'limit' | 'text' | 'pattern' | 'bool' | 'lines' | 'date' | 'collection';
  /** Shown in the empty box of a `limit`, where 0 on the wire means this. */
  standard?: string;
  /** Folded under "More". */
  rare?: boolean;
  required?: boolean;
  /** What a `bool` means on the wire when it is on and off; true and false unless said. */
  means?: [on: unknown, off: unknown];
}

const minLength: OptionSpec = {
  key: 'min',
  label: 'Least characters',
  kind: 'limit',
  standard: 'no limit',
};
const domains: OptionSpec[] = [
  { key: 'onlyDomains', label: 'Only these domains', help: 'One a line.', kind: 'lines' },
  {
    key: 'exceptDomains',
    label: 'All but these domains',
    help: 'One a line. Only one of the two lists can be used.',
    kind: 'lines',
  },
];
const most = (standard: string): OptionSpec => ({
  key: 'maxSelect',
  label: 'Most values',
  help: '1 stores one value, more store a list.',
  kind: 'limit',
  standard,
});
const maxSize = (standard: string): OptionSpec => ({
  key: 'maxSize',
  label: 'Largest size in bytes',
  kind: 'limit',
  standard,
});

const specs: Record<FieldType, OptionSpec[]> = {
  text: [
    minLength,
    { key: 'max', label: 'Most characters', kind: 'limit', standard: '5000' },
    {
      key: 'pattern',
      label: 'Pattern',
      help: 'A regular expression that every value must match, for example ^[a-z0-9-]+$',
      kind: 'pattern',
    },
    {
      key: 'autogeneratePattern',
      label: 'Fill when empty',
      help: 'A pattern from which a new record gets its value, for example [a-z0-9]{8}',
      kind: 'text',
      rare: true,
    },
    {
      key: 'collation',
      label: 'Sort as people read',
      help: 'Upper case and accents stand beside their letters. No index serves such a sort.',
      kind: 'bool',
      means: ['unicode', ''],
      rare: true,
    },
  ],
  number: [
    { key: 'min', label: 'Least', kind: 'number' },
    { key: 'max', label: 'Most', kind: 'number' },
    { key: 'onlyInt', label: 'Whole numbers only', kind: 'bool' },
  ],
  bool: [],
  email: domains,
  url: domains,
  date: [
    { key: 'min', label: 'Earliest', kind: 'date' },
    { key: 'max', label: 'Latest', kind: 'date' },
  ],
  autodate: [
    { key: 'onCreate', label: 'Set when a record is created', kind: 'bool' },
    { key: 'onUpdate', label: 'Set when a record is changed', kind: 'bool' },
  ],
  select: [
    { key: 'values', label: 'Values', help: 'One a line.', kind: 'lines', required: true },
    most('1'),
  ],
  file: [
    { ...most('1'), label: 'Most files' },
    maxSize('5,242,880'),
    {
      key: 'mimeTypes',
      label: 'Allowed types',
      help: 'One a line, for example image/png. None allows all.',
      kind: 'lines',
    },
    {
      key: 'thumbs',
      label: 'Thumbnails',
      help: 'One a line: 100x100 (cut to fit), 0x300 or 300x0 (keep the ratio), 100x100f (fit inside).',
      kind: 'lines',
      rare: true,
    },
    {
      key: 'protected',
      label: 'Protected',
      help: 'Reading a file takes a short-lived token and the view rule.',
      kind: 'bool',
    },
  ],
  relation: [
    { key: 'collectionId', label: 'Points to', kind: 'collection', required: true },
    { key: 'minSelect', label: 'Least records', kind: 'limit', standard: '0' },
    { ...most('1'), label: 'Most records' },
    {
      key: 'cascadeDelete',
      label: 'Delete together',
      help: 'When the record it points to is deleted, this record goes too.',
      kind: 'bool',
    },
  ],
  json: [maxSize('1,048,576')],
  editor: [
    maxSize('5,242,880'),
    {
      key: 'convertURLs',
      label: 'Shorten links to this server',
      help: 'Editors write them without the address of the server.',
      kind: 'bool',
      rare: true,
    },
  ],
  geoPoint: [],
  password: [
    minLength,
    { key: 'max', label: 'Most characters', kind: 'limit', standard: '71' },
    { key: 'pattern', label: 'Pattern', help: 'A regular expression.', kind: 'pattern' },
    {
      key: 'cost',
      label: 'Cost',
      help: 'How long one check takes: each step doubles it.',
      kind: 'limit',
      standard: '10',
      rare: true,
    },
  ],
};

export function optionsOf(type: FieldType): OptionSpec[] {
  return specs[type];
}

/** The row's summary: only what differs from the plain case. */
export function summaryOf(field: FieldModel, nameOf: (id: string) => string): string {
  const words: string[] = [];
  const list = (values: string[] | null | undefined) => (values ?? []).join(', ');
  if (field.primaryKey) words.push('primary key');
  if (field.type === 'relation') words.push(`→ ${nameOf(field.collectionId ?? '')}`);
  if (field.type === 'select') words.push(list(field.values));
  if ((field.maxSelect ?? 0) > 1) words.push(`up to ${field.maxSelect}`);
  if (!field.primaryKey && ['text', 'number', 'password', 'date'].includes(field.type)) {
    words.push(rangeOf(field));
  }
  if (field.pattern && !field.primaryKey) words.push(`matches ${field.pattern}`);
  if (field.onlyInt) words.push('whole');
  if (field.onlyDomains?.length) words.push(`only ${list(field.onlyDomains)}`);
  if (field.exceptDomains?.length) words.push(`not ${list(field.exceptDomains)}`);
  if (field.type === 'autodate') words.push(autodateOf(field));
  if (field.cascadeDelete) words.push('deleted together');
  if (field.protected) words.push('protected');
  return words.filter(Boolean).join(' · ');
}

function rangeOf({ type, min, max }: FieldModel): string {
  // For a number 0 is a bound like any other; elsewhere it means none.
  const bound = (value: FieldModel['min']) => (type === 'number' ? (value ?? '') : value || '');
  const [least, most] = [bound(min), bound(max)];
  if (least !== '' && most !== '') return `${least} to ${most}`;
  if (least !== '') return `from ${least}`;
  return most === '' ? '' : `up to ${most}`;
}

function autodateOf({ onCreate, onUpdate }: FieldModel): string {
  if (onCreate && onUpdate) return 'on create and change';
  return onCreate ? 'on create' : 'on change';
}
