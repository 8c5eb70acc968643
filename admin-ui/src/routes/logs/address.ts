// The state of the log page that its address holds.
import { push, replace } from 'svelte-spa-router';

export const RANGES = {
  '15m': 900,
  '1h': 3600,
  '6h': 21_600,
  '24h': 86_400,
  '7d': 604_800,
  '30d': 2_592_000,
} as const;
export type RangeName = keyof typeof RANGES;
export const STANDARD_RANGE: RangeName = '24h';

export interface LogAddress {
  /** A stretch of time that ends now; without meaning when `from` is there. */
  range: RangeName;
  /** Wire dates, or empty. */
  from: string;
  to: string;
  /** `warn` and `error` are "at least"; empty is all. */
  level: string;
  /** A class as `4xx`, `errors` for 400 and more, one code, or empty. */
  status: string;
  method: string;
  /** As typed: an expression or plain words. */
  filter: string;
  sort: string;
  /** Id of the entry in the drawer. */
  log: string;
  /** `1` shows what superusers did too. */
  su: string;
}

const NAMES = ['from', 'to', 'level', 'status', 'method', 'filter', 'sort', 'log', 'su'] as const;

function isRange(text: string): text is RangeName {
  return Object.hasOwn(RANGES, text);
}

export function parseAddress(querystring: string | undefined): LogAddress {
  const query = new URLSearchParams(querystring ?? '');
  const range = query.get('range') ?? '';
  const rest = Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? '']));
  // As links of PocketBase name it.
  const log = query.get('log') ?? query.get('logId') ?? '';
  return {
    ...(rest as Omit<LogAddress, 'range'>),
    log,
    range: isRange(range) ? range : STANDARD_RANGE,
  };
}

export function printAddress(address: LogAddress): string {
  const query = new URLSearchParams();
  if (address.range !== STANDARD_RANGE && !address.from) query.set('range', address.range);
  for (const name of NAMES) if (address[name]) query.set(name, address[name]);
  const text = query.toString();
  return `/logs${text ? `?${text}` : ''}`;
}

export function goTo(address: LogAddress, how: 'push' | 'replace'): void {
  const to = printAddress(address);
  void (how === 'push' ? push(to) : replace(to));
}
