// The state of the record list that its address holds: filter, sort and open record.
import { push, replace } from 'svelte-spa-router';

export interface ListAddress {
  /** As typed: an expression or plain words. */
  filter: string;
  sort: string;
  /** Id of the record in the drawer, `new`, or nothing. */
  record: string;
}

export const NEW_RECORD = 'new';

export function parseAddress(querystring: string | undefined): ListAddress {
  const query = new URLSearchParams(querystring ?? '');
  return {
    filter: query.get('filter') ?? '',
    sort: query.get('sort') ?? '',
    record: query.get('record') ?? '',
  };
}

export function printAddress(collection: string, address: ListAddress): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(address)) if (value) query.set(name, value as string);
  const text = query.toString();
  return `/data/${encodeURIComponent(collection)}${text ? `?${text}` : ''}`;
}

export function goTo(collection: string, address: ListAddress, how: 'push' | 'replace'): void {
  const to = printAddress(collection, address);
  void (how === 'push' ? push(to) : replace(to));
}
