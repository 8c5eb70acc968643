import { listCollections } from '../api/collections';
import { type Failure, toFailure } from '../api/errors';
import type { CollectionModel } from '../api/types';

/** All collections, loaded once and kept in step with our own writes. */
class Collections {
  all = $state.raw<CollectionModel[]>([]);
  status = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  failure = $state.raw<Failure | null>(null);
  #loading: Promise<void> | null = null;

  /** Ours first the people, then the rest by name; the server's own apart. */
  readonly own = $derived(
    this.all
      .filter((one) => !one.system)
      .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name)),
  );
  readonly system = $derived(this.all.filter((one) => one.system));

  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #load(): Promise<void> {
    this.status = 'loading';
    try {
      this.all = await listCollections();
      this.status = 'ready';
    } catch (error) {
      this.failure = toFailure(error);
      this.status = 'failed';
    }
  }

  /** Resolves once they have been loaded, by whomever. */
  async known(): Promise<void> {
    if (this.status !== 'ready') await (this.#loading ?? this.load());
  }

  byName(nameOrId: string | null | undefined): CollectionModel | undefined {
    return this.all.find((one) => one.name === nameOrId || one.id === nameOrId);
  }

  put(collection: CollectionModel): void {
    this.all = [...this.all.filter((one) => one.id !== collection.id), collection].sort((a, b) =>
      a.name.localeCompare(b.name),
    );
  }

  remove(id: string): void {
    this.all = this.all.filter((one) => one.id !== id);
  }

  clear(): void {
    this.all = [];
    this.status = 'idle';
  }
}

function rank(collection: CollectionModel): number {
  return collection.type === 'auth' ? 0 : 1;
}

export const collections = new Collections();
