// Which records are ticked: some by id, or all that match the filter.
import { SvelteSet } from 'svelte/reactivity';

export class Selection {
  /** All that match, loaded or not. Unticking one goes back to ids. */
  all = $state(false);
  #ids = new SvelteSet<string>();
  /** Where a range with Shift begins. */
  #anchor = 0;

  get ids(): readonly string[] {
    return [...this.#ids];
  }

  has(id: string): boolean {
    return this.all || this.#ids.has(id);
  }

  count(total: number): number {
    return this.all ? total : this.#ids.size;
  }

  /** `loaded` are the ids known to match, which stay ticked when "all" ends by unticking one. */
  toggle(id: string, index: number, loaded: () => string[]): void {
    if (this.all) {
      this.all = false;
      this.add(loaded());
    }
    if (!this.#ids.delete(id)) this.#ids.add(id);
    this.#anchor = index;
  }

  /** Rows between the last one ticked and this one, both counted. */
  rangeTo(index: number): [number, number] {
    return this.#anchor <= index ? [this.#anchor, index] : [index, this.#anchor];
  }

  add(ids: Iterable<string>): void {
    for (const id of ids) this.#ids.add(id);
  }

  remove(ids: Iterable<string>): void {
    for (const id of ids) this.#ids.delete(id);
  }

  clear(): void {
    this.all = false;
    this.#ids.clear();
  }
}
