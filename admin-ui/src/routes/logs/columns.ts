import type { FieldModel, FieldType } from '../../api/types';
import { clampWidth, type Column, type GridPrefs } from '../../grid/columns';
import { logStrings } from '../../strings/logs';
import Level from './cells/Level.svelte';
import Status from './cells/Status.svelte';
import Time from './cells/Time.svelte';
import Took from './cells/Took.svelte';
import What from './cells/What.svelte';

export type ColumnName = keyof typeof logStrings.columns.names;

/** Their widths are remembered under this name, beside those of collections. */
export const PREFS_KEY = '@logs';

interface Standard {
  name: ColumnName;
  type: FieldType;
  width: number;
  cell?: Column['cell'];
  hidden?: boolean;
  note?: string;
  unsortable?: boolean;
}

const STANDARD: Standard[] = [
  { name: 'created', type: 'date', width: 166, cell: Time },
  { name: 'level', type: 'number', width: 88, cell: Level },
  { name: 'data.status', type: 'number', width: 76, cell: Status },
  { name: 'data.method', type: 'text', width: 84 },
  { name: 'what', type: 'text', width: 420, cell: What, unsortable: true },
  { name: 'data.execTime', type: 'number', width: 92, cell: Took },
  { name: 'data.auth', type: 'text', width: 116 },
  { name: 'data.error', type: 'text', width: 260 },
  { name: 'data.userIP', type: 'text', width: 130 },
  { name: 'data.userAgent', type: 'text', width: 220, hidden: true },
  { name: 'data.referer', type: 'text', width: 200, hidden: true },
  { name: 'id', type: 'text', width: 152, hidden: true },
];

const fieldOf = (name: string, type: FieldType): FieldModel => ({
  id: name,
  name,
  type,
  system: false,
  hidden: false,
  presentable: false,
});

/** On a narrow screen what tells most comes first. */
const FIRST: readonly ColumnName[] = ['created', 'data.status', 'what'];
const NARROW_WIDTHS: Partial<Record<ColumnName, number>> = { created: 84, what: 260 };

export function logColumns(prefs: GridPrefs, narrow: boolean): Column[] {
  const rest = STANDARD.filter(({ name }) => !FIRST.includes(name));
  const first = STANDARD.filter(({ name }) => FIRST.includes(name));
  const all = narrow
    ? [...first, ...rest].map((one) => ({ ...one, width: NARROW_WIDTHS[one.name] ?? one.width }))
    : STANDARD;
  return all.map(({ name, type, width, cell, hidden = false, unsortable = false }) => ({
    field: fieldOf(name, type),
    name,
    label: logStrings.columns.names[name],
    note: '',
    width: clampWidth(prefs.widths[name] ?? width),
    hidden: prefs.hidden[name] ?? hidden,
    canSort: !unsortable,
    ...(cell && { cell }),
  }));
}
