// Which records are ticked: some by id, or all that match the filter.
import { SvelteSet } from 'svelte/reactivity';
import type { RecordList } from './record-list.svelte';

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

  extent(total: number): 'none' | 'some' | 'all' {
    const count = this.count(total);
    if (count === 0) return 'none';
    return count >= total ? 'all' : 'some';
  }

  /** Ticks or unticks one; with `range` ticks all from the last one to here. */
  press(list: RecordList, index: number, range: boolean): void {
    if (range) {
      this.extend(list, index);
      return;
    }
    const id = list.row(index)?.id;
    if (id === undefined) return;
    this.#anchor = index;
    if (this.all) {
      // What is loaded stays ticked when "all" ends by unticking one.
      this.all = false;
      this.add([...list.loaded()].map(([, record]) => record.id));
    }
    if (!this.#ids.delete(id)) this.#ids.add(id);
  }

  /** Ticks the loaded rows between the last one ticked and this one. */
  extend(list: RecordList, to: number): void {
    const [from, end] = [Math.min(this.#anchor, to), Math.max(this.#anchor, to)];
    for (let at = from; at <= end; at += 1) {
      const record = list.row(at);
      if (record) this.#ids.add(record.id);
    }
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
