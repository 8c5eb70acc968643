// The sort of a list as the wire writes it: `-views,title`.

export interface SortKey {
  field: string;
  descending: boolean;
}

export function parseSort(sort: string): SortKey[] {
  return sort
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== '-' && part !== '+')
    .map((part) => ({ field: part.replace(/^[+-]/, ''), descending: part.startsWith('-') }));
}

export function printSort(keys: readonly SortKey[]): string {
  return keys.map(({ field, descending }) => (descending ? `-${field}` : field)).join(',');
}

/**
 * A press on a header: ascending, descending, then unsorted. With Shift the other keys stay and
 * this one joins them.
 */
export function pressSort(sort: string, field: string, keepOthers: boolean): string {
  const keys = parseSort(sort);
  const present = keys.find((key) => key.field === field);
  if (!keepOthers) {
    if (!present || keys.length > 1) return field;
    return present.descending ? '' : `-${field}`;
  }
  if (!present) return printSort([...keys, { field, descending: false }]);
  if (present.descending) return printSort(keys.filter((key) => key !== present));
  return printSort(keys.map((key) => (key === present ? { field, descending: true } : key)));
}
