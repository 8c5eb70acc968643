import { countOf, formatCount } from '../format/numbers';

/** The words of the first page. */
export const homeStrings = {
  title: 'Home',
  attention: {
    title: 'Needs attention',
    none: 'Nothing: what was looked at is as it should be.',
    failed: 'It could not be found out what needs attention.',
    notes: (count: number) => `${countOf(count, 'note')} that may be wanted`,
    levels: { error: 'Does harm now', warning: 'Should be changed', note: 'Good to know' },
    toSettings: 'To the setting',
    toRule: 'To the rule',
    toSchema: 'To the field',
    toAccount: 'To the account',
    todo: 'What to do:',
  },
  found: {
    smtp: ['No mail server is set up', 'Whoever forgets a password cannot get in again.'],
    backups: [
      'No backups are made by themselves',
      'What is deleted by mistake or lost with the disk does not come back.',
    ],
    rates: [
      'Nobody is slowed down who asks too often',
      'One client can take the time of the server from all the others.',
    ],
    batch: ['Several writes cannot come in one request', 'Clients that send batches are refused.'],
    http: [
      'The address of the app is not encrypted',
      'Links in mails and sign-ins travel where others can read them.',
    ],
    publicWrite: (collection: string) => [
      `Everybody may change records of ${collection}, without signing in`,
      'The first robot that comes by fills, spoils or empties it.',
    ],
  },
  today: {
    title: 'The last 24 hours',
    requests: 'Requests',
    errors: 'Errors of the server',
    refused: 'Refused',
    open: 'Open the logs',
    openErrors: 'Show these',
    failed: 'The numbers could not be loaded.',
    none: 'Nobody has asked for anything yet.',
    chart: (total: number, errors: number) =>
      `Requests by hour: ${formatCount(total)} in all, ${formatCount(errors)} of them failed in the server.`,
    hour: (hour: string, total: number, errors: number) =>
      `${hour}: ${countOf(total, 'request')}, ${countOf(errors, 'error')}`,
  },
  collections: {
    title: 'Collections',
    all: 'All data',
    records: (count: number) => countOf(count, 'record'),
    create: 'New collection',
    none: 'No collection yet. One holds records of one kind: posts, orders, users.',
  },
  recent: {
    title: 'Continue',
    none: 'What you open is listed here.',
  },
  version: (version: string) => `Greenroom ${version}`,
  about: 'About',
};
