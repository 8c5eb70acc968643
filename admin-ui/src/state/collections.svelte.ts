import { listCollections } from '../api/collections';
import { type Failure, toFailure } from '../api/errors';
import type { CollectionModel } from '../api/types';

/** All collections, loaded once and kept in step with our own writes. */
class Collections {
  all = $state.raw<CollectionModel[]>([]);
  status = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  failure = $state.raw<Failure | null>(null);

  /** Ours first the people, then the rest by name; the server's own apart. */
  readonly own = $derived(
    this.all
      .filter((one) => !one.system)
      .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name)),
  );
  readonly system = $derived(this.all.filter((one) => one.system));

  async load(): Promise<void> {
    if (this.status === 'loading') return;
    this.status = 'loading';
    try {
      this.all = await listCollections();
      this.status = 'ready';
    } catch (error) {
      this.failure = toFailure(error);
      this.status = 'failed';
    }
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
