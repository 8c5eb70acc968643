// From the address to the filter that the server gets, and what the filter line can complete.
import { parseWireDate, toWireDate } from '../../format/dates';
import type { CompletionField, CompletionScope } from '../../fexpr/complete';
import { parseFilter } from '../../fexpr/parse';
import { quote } from '../../fexpr/print';
import { isExpression } from '../../fexpr/search';
import type { FilterError } from '../../fexpr/tree';
import { RANGES, type LogAddress } from './address';

export interface Stretch {
  from: Date;
  to: Date;
}

/** Where a range that ends now lies; one that was picked stays where it is. */
export function stretchOf(address: LogAddress, now: number): Stretch {
  const from = parseWireDate(address.from);
  if (from) return { from, to: parseWireDate(address.to) ?? new Date(now) };
  return { from: new Date(now - RANGES[address.range] * 1000), to: new Date(now) };
}

/** Ranges that end now have no end to ask for: what comes while one looks belongs to them. */
export function stretchFilter(address: LogAddress, now: number): string {
  const { from } = stretchOf(address, now);
  const parts = [`created >= ${quote(toWireDate(from))}`];
  if (address.from && address.to) parts.push(`created < ${quote(address.to)}`);
  return parts.join(' && ');
}

const LEVELS: Record<string, string> = {
  debug: 'level < 0',
  warn: 'level >= 4',
  error: 'level >= 8',
};

export function statusFilter(status: string): string {
  if (status === 'errors') return 'data.status >= 400';
  const [, hundred] = /^([1-5])xx$/.exec(status) ?? [];
  if (hundred) return `data.status >= ${hundred}00 && data.status <= ${hundred}99`;
  return /^\d{3}$/.test(status) ? `data.status = ${status}` : '';
}

const SEARCHED = ['message', 'data.url', 'data.error', 'data.userIP', 'data.userAgent'];

/** The typed part: an expression as it is, plain words in what an entry says. */
export function typedFilter(typed: string): string {
  const text = typed.trim();
  if (text === '') return '';
  if (isExpression(text)) return parseFilter(text).ok ? text : '';
  return SEARCHED.map((name) => `${name} ~ ${quote(text)}`)
    .concat(`id = ${quote(text)}`)
    .join(' || ');
}

/** All but the time: what the list, the chart and the count of new entries have in common. */
export function standingFilter(address: LogAddress): string {
  const typed = typedFilter(address.filter);
  return [
    address.su === '1' ? '' : 'data.auth != "_superusers"',
    LEVELS[address.level] ?? '',
    statusFilter(address.status),
    address.method ? `data.method = ${quote(address.method)}` : '',
    typed && `(${typed})`,
  ]
    .filter((part) => part !== '')
    .join(' && ');
}

export function fullFilter(address: LogAddress, now: number): string {
  return [stretchFilter(address, now), standingFilter(address)].filter(Boolean).join(' && ');
}

/** Names are not checked: an entry of one's own may hold any. */
export function problemOf(typed: string): FilterError | null {
  if (!isExpression(typed)) return null;
  const parsed = parseFilter(typed);
  return parsed.ok ? null : parsed.error;
}

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** What requests carry. Others are learnt from the entries at hand. */
const KNOWN: CompletionField[] = [
  { name: 'status', type: 'number' },
  { name: 'method', type: 'select', values: METHODS },
  { name: 'url', type: 'text' },
  { name: 'execTime', type: 'number' },
  { name: 'auth', type: 'text' },
  { name: 'authId', type: 'text' },
  { name: 'error', type: 'text' },
  { name: 'details', type: 'json' },
  { name: 'type', type: 'select', values: ['request'] },
  { name: 'userIP', type: 'text' },
  { name: 'remoteIP', type: 'text' },
  { name: 'userAgent', type: 'text' },
  { name: 'referer', type: 'text' },
];
const DATA = '@data';

/** `seen` are names of data that the loaded entries have. */
export function scopeWith(seen: Iterable<string>, authNames: readonly string[]): CompletionScope {
  const known = KNOWN.map((field) =>
    field.name === 'auth' ? { ...field, type: 'select', values: [...authNames] } : field,
  );
  const names = new Set(known.map((field) => field.name));
  const learnt = [...seen].filter((name) => !names.has(name) && /^\w+$/.test(name)).sort();
  const inData = [...known, ...learnt.map((name) => ({ name, type: 'text' }))];
  return {
    fields: [
      // Named whole, so that they are offered before anybody types the dot.
      ...inData.map((field) => ({ ...field, name: `data.${field.name}` })),
      { name: 'message', type: 'text' },
      { name: 'level', type: 'number' },
      { name: 'created', type: 'date' },
      { name: 'id', type: 'text' },
      { name: 'data', type: 'relation', collectionId: DATA },
    ],
    fieldsOf: (id) => (id === DATA ? inData : []),
    backRelations: [],
  };
}
