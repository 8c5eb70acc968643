import { pb } from './client';
import type { CollectionModel, FieldModel } from './types';

/** Enough to list, edit the schema and the rules; leaves out e-mail templates and secrets. */
const SLIM =
  'id,name,type,system,updated,fields,indexes,viewQuery,listRule,viewRule,createRule,' +
  'updateRule,deleteRule,authRule,manageRule';

export type CollectionDraft = Partial<Omit<CollectionModel, 'updated'>>;

export function listCollections(): Promise<CollectionModel[]> {
  return pb.collections.getFullList<CollectionModel & Record<string, unknown>>({
    batch: 500,
    fields: SLIM,
    sort: 'name',
  });
}

export function createCollection(draft: CollectionDraft): Promise<CollectionModel> {
  return pb.send<CollectionModel>('/api/collections', { method: 'POST', body: draft });
}

export function updateCollection(id: string, change: CollectionDraft): Promise<CollectionModel> {
  const path = `/api/collections/${encodeURIComponent(id)}`;
  return pb.send<CollectionModel>(path, { method: 'PATCH', body: change });
}

/** The fields that every auth collection starts with, in the server's order. */
export async function authFields(): Promise<FieldModel[]> {
  const scaffolds = await pb.send<{ auth: CollectionModel }>('/api/collections/meta/scaffolds', {});
  return scaffolds.auth.fields;
}

export interface ViewTrial {
  fields: FieldModel[];
  sample: Record<string, unknown>[];
}

/** What a view with this query would give: its fields and its first records. */
export function tryViewQuery(query: string): Promise<ViewTrial> {
  return pb.send<ViewTrial>('/api/collections/meta/dry-run-view', {
    method: 'POST',
    body: { query },
  });
}

/** When somebody last changed it. */
export async function updatedAt(id: string): Promise<string> {
  const path = `/api/collections/${encodeURIComponent(id)}`;
  const { updated } = await pb.send<{ updated: string }>(path, { query: { fields: 'updated' } });
  return updated;
}

export async function viewCollection(id: string): Promise<CollectionModel> {
  return pb.send<CollectionModel>(`/api/collections/${encodeURIComponent(id)}`, {
    query: { fields: SLIM },
  });
}

export async function deleteCollection(id: string): Promise<void> {
  await pb.collections.delete(id);
}

export async function truncateCollection(id: string): Promise<void> {
  await pb.collections.truncate(id);
}
