// Sentences of the command palette.
export const paletteStrings = {
  title: 'Go to',
  label: 'Page, collection, setting, or the id of a record',
  placeholder: 'Go to a page, collection, setting or record id',
  none: 'Nothing by that name.',
  results: 'Places',
  page: 'Page',
  collection: 'Collection',
  setting: (page: string) => `Setting of ${page}`,
  recent: 'Opened before',
  record: (collection: string) => `Record of ${collection}`,
  searching: 'Looking for the record…',
  backups: 'Backups',
  errorsHour: 'Errors of the last hour',
  givenUp: 'Jobs that were given up',
  count: (count: number) => (count === 1 ? '1 place' : `${String(count)} places`),
};
