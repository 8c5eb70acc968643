import { pb } from './client';

/** A collection with all its options, as the server tells it. */
export type FullCollection = Record<string, unknown> & {
  id: string;
  name: string;
  type: string;
  system: boolean;
  fields: FullField[];
  indexes: string[];
};
export type FullField = Record<string, unknown> & { id: string; name: string; type: string };

export function listFullCollections(): Promise<FullCollection[]> {
  return pb.collections.getFullList<FullCollection & { [key: string]: never }>({
    batch: 500,
    sort: 'name',
  }) as Promise<FullCollection[]>;
}

/** All of it or nothing. */
export async function importCollections(
  collections: unknown[],
  deleteMissing: boolean,
): Promise<void> {
  const body = { collections, deleteMissing };
  await pb.send('/api/collections/import', { method: 'PUT', body });
}
