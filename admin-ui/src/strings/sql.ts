// Sentences of the SQL page.
import { countOf, formatCount } from '../format/numbers';

export const sqlStrings = {
  title: 'SQL',
  editor: 'SQL',
  editorHint: 'select * from users — Ctrl+Enter runs the statement at the cursor',
  loading: 'Loading the editor',
  run: 'Run',
  runKeys: 'Ctrl Enter',
  running: 'Running…',
  stop: 'Stop waiting',
  plan: 'Explain',
  save: 'Save',
  nothing: 'Write a statement first.',

  panel: {
    title: 'SQL',
    saved: 'Saved',
    none: 'Queries you save show up here.',
    history: 'History',
    noHistory: 'What you run shows up here.',
    forget: 'Forget history',
    forgot: 'The history is forgotten',
    tables: 'Tables',
    insert: (table: string) => `Insert ${table}`,
    remove: (name: string) => `Remove ${name}`,
    removed: (name: string) => `“${name}” is removed`,
    undo: 'Undo',
  },

  keep: {
    title: 'Save this query',
    text: 'It stays in this browser. A parameter such as :since is asked for when the query runs.',
    name: 'Name',
    saved: (name: string) => `“${name}” is saved`,
  },

  ask: {
    title: 'Values for this query',
    text: 'Numbers are taken as numbers, an empty box as NULL, all else as text.',
  },

  writing: {
    title: 'This changes data',
    text: 'It is committed at once; rules, validation and webhooks are not asked. There is no way back but a backup.',
    schema: 'Tables of collections are better changed in their schema.',
    confirm: 'Run and commit',
    cancel: 'Leave it',
  },

  result: {
    label: 'Result',
    tabs: { result: 'Result', plan: 'Plan' },
    rows: (count: number) => countOf(count, 'row'),
    first: (count: number) => `The first ${formatCount(count)} rows; the server sends no more.`,
    affected: (count: number) => `${countOf(count, 'row')} changed`,
    took: (ms: number) => `${formatCount(ms)} ms`,
    none: 'No rows',
    noneText: 'The statement ran and found nothing.',
    done: 'Done',
    waiting: 'Results show up here.',
    waitingText: 'Ctrl+Enter runs the statement at the cursor. Reading is safe; changes ask first.',
    failed: 'The statement failed.',
    stale: 'Below is what the statement before it gave.',
    null: 'NULL',
    empty: 'empty text',
    csv: 'Download CSV',
    json: 'Download JSON',
    copy: 'Copy as CSV',
    copied: 'The result is copied',
    cellCopied: 'Cell copied',
  },

  plans: {
    failed: 'The statement cannot be explained.',
    label: 'Steps of the plan',
    scan: 'reads the whole table',
    scanRows: (count: number) => `reads all ${countOf(count, 'row')}`,
    index: 'uses an index',
    sort: 'sorts by hand',
    none: 'This statement has no plan.',
    advice:
      'A step that reads a whole table gets slower with every record. An index on the columns that it compares helps.',
  },
};
