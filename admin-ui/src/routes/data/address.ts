export type Tab = 'records' | 'schema' | 'rules' | 'auth';

/** The address of a collection's tab: `#/data/posts/schema`. */
export function addressOf(collection: string, tab: Tab = 'records'): string {
  const base = `#/data/${encodeURIComponent(collection)}`;
  return tab === 'records' ? base : `${base}/${tab}`;
}

/** Only people can sign in. */
export function tabsOf(collection: { type: string }): readonly Tab[] {
  const all: Tab[] = ['records', 'schema', 'rules'];
  return collection.type === 'auth' ? [...all, 'auth'] : all;
}
