export type Tab = 'records' | 'schema' | 'rules';

/** The address of a collection's tab: `#/data/posts/schema`. */
export function addressOf(collection: string, tab: Tab = 'records'): string {
  const base = `#/data/${encodeURIComponent(collection)}`;
  return tab === 'records' ? base : `${base}/${tab}`;
}
