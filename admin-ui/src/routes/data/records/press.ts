// Keys on a cell that concern its record or its value.
import { push } from 'svelte-spa-router';
import type { RecordModel } from '../../../api/types';
import { quote } from '../../../fexpr/print';
import { asList, asText } from '../../../fields/kind';
import type { Column } from '../../../grid/columns';
import { collections } from '../../../state/collections.svelte';
import { recordStrings as words } from '../../../strings/records';

interface Deeds {
  open: (record: RecordModel) => void;
  filter: (typed: string) => void;
  say: (text: string) => void;
  /** False when nothing is ticked. */
  remove: () => boolean;
}

/** The condition that this cell's value meets; null where none can be written. */
export function filterByValue(record: RecordModel, column: Column): string | null {
  const { name, field } = column;
  const value = record[name];
  if (typeof value === 'number' || typeof value === 'boolean') return `${name} = ${String(value)}`;
  if (Array.isArray(value)) {
    const [first] = value;
    return first === undefined ? `${name}:length = 0` : `${name} ~ ${quote(asText(first))}`;
  }
  if (typeof value !== 'string' || field.type === 'json' || field.type === 'editor') return null;
  return `${name} = ${quote(value)}`;
}

function openRelated(record: RecordModel, column: Column): boolean {
  const target = collections.byName(column.field.collectionId);
  const [id] = asList(record[column.name]);
  if (column.field.type !== 'relation' || !target || id === undefined) return false;
  void push(`/data/${encodeURIComponent(target.name)}?record=${encodeURIComponent(id)}`);
  return true;
}

function copyCell(record: RecordModel, column: Column, deeds: Deeds): boolean {
  if (!document.getSelection()?.isCollapsed) return false;
  void navigator.clipboard
    .writeText(asText(record[column.name]))
    .then(() => deeds.say(words.grid.copied));
  return true;
}

/** True when the key was taken. */
export function pressOnCell(
  event: KeyboardEvent,
  record: RecordModel,
  column: Column | undefined,
  deeds: Deeds,
): boolean {
  const { key } = event;
  const isControl = event.ctrlKey || event.metaKey;
  if (key === 'Delete') return deeds.remove();
  if (key === 'Enter' && event.altKey) return column ? openRelated(record, column) : false;
  if (key === 'Enter' || key === 'F2') {
    deeds.open(record);
    return true;
  }
  if (!column) return false;
  if (isControl && key.toLowerCase() === 'c') return copyCell(record, column, deeds);
  if (event.altKey && key.toLowerCase() === 'f') {
    const filter = filterByValue(record, column);
    if (filter) deeds.filter(filter);
    return filter !== null;
  }
  return false;
}
