// Deletes many records: in batches where the server allows them, else one by one.
import { pb } from '../../../api/client';
import { toFailure } from '../../../api/errors';

const CHUNK = 50;

export interface Removal {
  collection: string;
  /** Gives the next ids to delete, at most `CHUNK`; none when there are no more. */
  next: () => Promise<string[]>;
  /** Called with the ids that are gone. */
  ondeleted: (ids: string[]) => void;
  isStopped: () => boolean;
}

/** A batch that is not allowed, or smaller than ours, is refused with 403 or 400. */
function isRefusedBatch(error: unknown): boolean {
  const { status, fields } = toFailure(error);
  return status === 403 || (status === 400 && 'requests' in fields);
}

async function deleteBatch(collection: string, ids: string[]): Promise<void> {
  const batch = pb.createBatch();
  for (const id of ids) batch.collection(collection).delete(id);
  await batch.send();
}

export async function removeRecords(removal: Removal): Promise<void> {
  const { collection, next, ondeleted, isStopped } = removal;
  let hasBatches = true;
  for (let ids = await next(); ids.length > 0 && !isStopped(); ids = await next()) {
    if (hasBatches && ids.length > 1) {
      try {
        await deleteBatch(collection, ids);
        ondeleted(ids);
        continue;
      } catch (error) {
        if (!isRefusedBatch(error)) throw error;
        hasBatches = false;
      }
    }
    for (const id of ids) {
      if (isStopped()) return;
      await pb.collection(collection).delete(id);
      ondeleted([id]);
    }
  }
}

/** Ids in pieces. */
export function idsOf(ids: readonly string[]): () => Promise<string[]> {
  let at = 0;
  return () => {
    at += CHUNK;
    return Promise.resolve(ids.slice(at - CHUNK, at));
  };
}

/** Ids of all that match: always the first page, for what was there has been deleted. */
export function idsThatMatch(collection: string, filter: string): () => Promise<string[]> {
  return async () => {
    const page = await pb.collection(collection).getList<{ id: string }>(1, CHUNK, {
      ...(filter && { filter }),
      fields: 'id',
      skipTotal: true,
    });
    return page.items.map((record) => record.id);
  };
}
