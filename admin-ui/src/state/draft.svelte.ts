import { type Failure, toFailure } from '../api/errors';

/** Something of the server while it is being edited: what is stored, and what the boxes hold. */
export abstract class Draft<T extends object> {
  #saved = $state.raw<T | null>(null);
  /** What the boxes hold; there only once it has been read. */
  values = $state<T | null>(null);
  /** Why it could not be read. */
  unread = $state.raw<Failure | null>(null);
  /** Why it could not be saved. */
  failure = $state.raw<Failure | null>(null);
  saving = $state(false);

  readonly change: Partial<T> = $derived.by(() =>
    this.#saved && this.values ? this.changeOf(this.#saved, this.values) : {},
  );
  readonly dirty = $derived(Object.keys(this.change).length > 0);

  protected abstract read(): Promise<T>;
  protected abstract write(change: Partial<T>): Promise<T>;
  /** Only what is different, so that nothing else is overwritten. */
  protected abstract changeOf(saved: T, values: T): Partial<T>;

  /** What the boxes begin with. */
  protected editable(saved: T): T {
    return structuredClone(saved);
  }

  get saved(): T | null {
    return this.#saved;
  }

  async load(): Promise<void> {
    this.unread = null;
    try {
      this.#take(await this.read());
    } catch (error) {
      this.unread = toFailure(error);
    }
  }

  discard(): void {
    if (this.#saved) this.#take(this.#saved);
  }

  async save(): Promise<boolean> {
    this.saving = true;
    this.failure = null;
    try {
      this.#take(await this.write($state.snapshot(this.change) as Partial<T>));
      return true;
    } catch (error) {
      this.failure = toFailure(error);
      return false;
    } finally {
      this.saving = false;
    }
  }

  error(path: string): string | undefined {
    return this.failure?.fields[path];
  }

  #take(saved: T): void {
    this.#saved = saved;
    this.values = this.editable(saved);
    this.failure = null;
  }
}
