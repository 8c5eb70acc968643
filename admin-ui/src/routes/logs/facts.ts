// What an entry says, apart from what every entry has.
import { quote } from '../../fexpr/print';
import { parseWireDate, toWireDate } from '../../format/dates';
import type { LogModel } from '../../api/logs';
import type { LogAddress } from './address';
import { readable } from './path';

const text = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';

export interface Similar {
  kind: 'samePath' | 'sameUser' | 'sameAddress' | 'sameStatus' | 'sameRequest' | 'around';
  change: Partial<LogAddress>;
}

/** Ways from one entry to those like it. */
export function similarTo(log: LogModel): Similar[] {
  const found: Similar[] = [];
  const same = (kind: Similar['kind'], name: string, value: string) => {
    if (value) found.push({ kind, change: { filter: `data.${name} = ${quote(value)}` } });
  };
  const { data } = log;
  const url = text(data['url']);
  if (url) {
    const { path } = readable(url);
    found.push({ kind: 'samePath', change: { filter: `data.url ~ ${quote(`${path}%`)}` } });
  }
  if (text(data['authId'])) same('sameUser', 'authId', text(data['authId']));
  else same('sameUser', 'auth', text(data['auth']));
  same('sameAddress', 'userIP', text(data['userIP']));
  same('sameRequest', 'requestId', text(data['requestId']));
  if (text(data['status']))
    found.push({ kind: 'sameStatus', change: { status: text(data['status']) } });
  const time = parseWireDate(log.created)?.getTime();
  if (time !== undefined) {
    const at = (shift: number) => toWireDate(new Date(time + shift));
    found.push({ kind: 'around', change: { filter: '', from: at(-30_000), to: at(30_000) } });
  }
  return found;
}

export interface Fact {
  kind: 'who' | 'address' | 'client' | 'referer';
  text: string;
}

export function factsOf({ data }: LogModel, guest: string): Fact[] {
  if (text(data['type']) !== 'request') return [];
  const who = [text(data['auth']), text(data['authId'])].filter(Boolean).join(' · ') || guest;
  const [user, remote] = [text(data['userIP']), text(data['remoteIP'])];
  const all: Fact[] = [
    { kind: 'who', text: who },
    {
      kind: 'address',
      text: user && remote && user !== remote ? `${user} (${remote})` : user || remote,
    },
    { kind: 'client', text: text(data['userAgent']) },
    { kind: 'referer', text: text(data['referer']) },
  ];
  return all.filter((fact) => fact.text !== '');
}

/** Milliseconds, from whatever name the server gave them. */
export function tookOf({ data }: LogModel): { all: number | null; sql: number | null } {
  const number = (name: string) => (typeof data[name] === 'number' ? data[name] : null);
  return { all: number('execTime'), sql: number('sqlTime') };
}
