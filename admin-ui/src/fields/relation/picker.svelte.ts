// Search for records to relate to, on the server: the collection may hold millions.
import { pb } from '../../api/client';
import { isAborted, toFailure } from '../../api/errors';
import type { CollectionModel, RecordModel } from '../../api/types';
import { quote } from '../../fexpr/print';
import { detailFields, labelFields } from './label';

const PAUSE_MS = 200;
const MAX_FOUND = 20;

function searchIn(collection: CollectionModel, text: string): string {
  const names = ['id', ...labelFields(collection), ...detailFields(collection)];
  return names.map((name) => `${name} ~ ${quote(text)}`).join(' || ');
}

export function fieldsParam(collection: CollectionModel): string {
  return ['id', ...labelFields(collection), ...detailFields(collection)].join(',');
}

export class Picker {
  found = $state.raw<RecordModel[]>([]);
  searching = $state(false);
  failure = $state('');
  #pause: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | null = null;

  constructor(private readonly collection: CollectionModel) {}

  search(text: string): void {
    this.stop();
    this.searching = true;
    this.#pause = setTimeout(() => void this.#run(text.trim()), PAUSE_MS);
  }

  stop(): void {
    clearTimeout(this.#pause);
    this.#running?.abort();
    this.searching = false;
  }

  async #run(text: string): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    try {
      const page = await pb.collection(this.collection.id).getList<RecordModel>(1, MAX_FOUND, {
        ...(text && { filter: searchIn(this.collection, text) }),
        fields: fieldsParam(this.collection),
        skipTotal: true,
        signal: running.signal,
      });
      if (running.signal.aborted) return;
      this.found = page.items;
      this.failure = '';
    } catch (error) {
      if (isAborted(error)) return;
      this.failure = toFailure(error).message;
    } finally {
      if (!running.signal.aborted) this.searching = false;
    }
  }
}

/** The records with these ids, to show them by name; those that are gone are left out. */
export async function fetchByIds(
  collection: CollectionModel,
  ids: readonly string[],
): Promise<RecordModel[]> {
  const page = await pb.collection(collection.id).getList<RecordModel>(1, ids.length, {
    filter: ids.map((id) => `id = ${quote(id)}`).join(' || '),
    fields: fieldsParam(collection),
    skipTotal: true,
  });
  return page.items;
}
