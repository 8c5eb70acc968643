// Sentences of the record list and the record form.
import { countOf, formatCount } from '../format/numbers';

export const recordStrings = {
  newRecord: 'New record',
  refresh: 'Refresh',
  failed: 'The records could not be loaded.',
  failedPart: (message: string) => `Some records could not be loaded: ${message}`,
  empty: 'No records yet',
  emptyText: 'Add the first one here, or through the API.',
  emptyView: 'This view selects no records.',
  noMatch: 'No record matches',
  noMatchText: 'The filter leaves nothing. Change it, or clear it to see all records.',
  clearFilter: 'Clear filter',
  gridLabel: (name: string) => `Records of ${name}`,

  filter: {
    label: 'Filter',
    placeholder: 'Search, or write a filter',
    clear: 'Clear filter',
    matches: (count: number, took: number) =>
      `${formatCount(count)} match · ${formatCount(took)} ms`,
    at: (column: number) => `At ${formatCount(column)}:`,
    refused: 'The server refused this filter:',
    refusedText: 'The list below still shows what was there before.',
    suggestions: 'Suggestions',
    unknownField: (name: string) => `There is no field ${name}.`,
    didYouMean: (name: string) => `did you mean ${name}?`,
  },

  columns: {
    title: 'Columns',
    button: (shown: number, all: number) => `Columns ${formatCount(shown)}/${formatCount(all)}`,
    density: 'Row height',
    densities: { compact: 'Compact', normal: 'Normal', roomy: 'Roomy' },
    reset: 'Standard columns',
  },

  sort: {
    button: (what: string) => `Sort: ${what}`,
    none: 'newest first',
    noneView: 'as selected',
    by: 'Sort by',
    ascending: 'Ascending',
    descending: 'Descending',
    announce: (field: string, descending: boolean) =>
      `Sorted by ${field}, ${descending ? 'descending' : 'ascending'}`,
    announceNone: 'Not sorted',
  },

  grid: {
    selectAll: 'Select all loaded records',
    rowNumber: 'Row',
    selectRow: (id: string) => `Select ${id}`,
    open: 'Open record',
    sortHint: 'Enter sorts, Shift+Enter adds to the sort, Alt+← and Alt+→ change the width',
    loadingRow: 'Loading',
    copied: 'Cell copied',
  },

  status: {
    range: (first: number, last: number, total: number) =>
      `${formatCount(first)}–${formatCount(last)} of ${formatCount(total)}`,
    none: '0 records',
    selected: (count: number) => `${formatCount(count)} selected`,
    loadedSelected: (count: number) => `${formatCount(count)} loaded selected`,
    allSelected: (count: number) => `all ${formatCount(count)} that match selected`,
    selectAll: (count: number) => `Select all ${formatCount(count)} that match`,
    clear: 'Clear selection',
    delete: 'Delete…',
    loading: 'Loading…',
  },

  remove: {
    title: (count: number) => `Delete ${countOf(count, 'record')}?`,
    text: (name: string) =>
      `They are deleted from ${name} for good, with their files and with every record whose relation says so.`,
    textOne: (name: string) =>
      `It is deleted from ${name} for good, with its files and with every record whose relation says so.`,
    allText: 'Every record that matches the filter, loaded or not.',
    confirm: (count: number) => `Delete ${countOf(count, 'record')}`,
    progress: (done: number, count: number) =>
      `${formatCount(done)} of ${formatCount(count)} deleted`,
    done: (count: number) => `${countOf(count, 'record')} deleted`,
    stopped: (done: number, count: number, message: string) =>
      `Stopped after ${formatCount(done)} of ${formatCount(count)}: ${message}`,
  },

  drawer: {
    titleNew: (name: string) => `New record in ${name}`,
    titleEdit: 'Edit record',
    titleView: 'Record',
    copyId: 'Copy id',
    idCopied: 'Id copied',
    previous: 'Previous record',
    next: 'Next record',
    menu: 'More',
    duplicate: 'Duplicate',
    copyJson: 'Copy as JSON',
    jsonCopied: 'Record copied as JSON',
    delete: 'Delete…',
    save: 'Save',
    create: 'Create',
    saveKeys: 'Ctrl+Enter saves and closes',
    discard: 'Discard',
    noChanges: 'No changes',
    changes: (count: number) => countOf(count, 'change'),
    saved: 'Record saved',
    created: (id: string) => `Record ${id} created`,
    failed: 'The record could not be loaded.',
    gone: 'There is no such record. It may have been deleted.',
    saveFailed: 'The record could not be saved.',
    errors: (count: number) => `${countOf(count, 'field needs', 'fields need')} another look:`,
    draft: 'Unsaved changes from before are back in the form.',
    dropDraft: 'Drop them',
    unsaved: 'Leave without saving?',
    unsavedText: (count: number) => `${countOf(count, 'change')} would be lost.`,
    unsavedConfirm: 'Leave without saving',
    idPlaceholder: 'generated when empty',
    readOnly: 'Records of a view cannot be edited: they come from its query.',
    copyOf: 'A copy, not saved yet. Files and passwords are not copied.',
  },
};
