// The records behind a grid: pages fetched as they come into view, by page number, so that a jump
// to the end is one request. What is shown stays until its successor has arrived.
import { SvelteMap } from 'svelte/reactivity';
import { isAborted, toFailure, type Failure } from '../api/errors';
import type { RecordModel } from '../api/types';

export const PAGE_SIZE = 100;
const MAX_KEPT_PAGES = 60;
const MAX_REQUESTS = 2;
const WAITING_ROWS = 24;
/** While one drags the scroll bar, no page is worth a request until one rests a little. */
const REST_MS = 50;

export interface ListQuery {
  collection: string;
  filter: string;
  sort: string;
  fields: string;
  expand: string;
}

export interface PageRequest extends ListQuery {
  page: number;
  withTotal: boolean;
  signal: AbortSignal;
}

export interface RecordPage {
  items: RecordModel[];
  /** Absent when it was not asked for. */
  total?: number;
}

export type FetchPage = (request: PageRequest) => Promise<RecordPage>;

export class RecordList {
  total = $state<number | null>(null);
  /** A successor of what is shown is on its way. */
  loading = $state(false);
  /** Why the last request failed; what is shown then belongs to the query before. */
  failure = $state.raw<Failure | null>(null);
  /** How long the last first page took. */
  tookMs = $state<number | null>(null);

  #pages = new SvelteMap<number, RecordModel[]>();
  #query: ListQuery | null = null;
  #wanted: number[] = [];
  #rest: ReturnType<typeof setTimeout> | undefined;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- bookkeeping that nothing shows
  #running = new Map<number, AbortController>();
  #opening: AbortController | null = null;

  constructor(private readonly fetchPage: FetchPage) {}

  /** How many rows to draw: before the first answer some empty ones, where it will be. */
  get rows(): number {
    return this.total ?? WAITING_ROWS;
  }

  row(index: number): RecordModel | undefined {
    return this.#pages.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE];
  }

  /** Records loaded so far, with their rows. */
  *loaded(): Generator<[number, RecordModel]> {
    for (const [page, items] of this.#pages) {
      for (const [at, record] of items.entries()) yield [page * PAGE_SIZE + at, record];
    }
  }

  indexOf(id: string): number | null {
    for (const [index, record] of this.loaded()) if (record.id === id) return index;
    return null;
  }

  /** Another query, or the same anew. `row` is the one to begin at. */
  async open(query: ListQuery, row = 0): Promise<void> {
    this.#opening?.abort();
    this.#stopPages();
    const opening = new AbortController();
    this.#opening = opening;
    this.loading = true;
    const page = Math.floor(row / PAGE_SIZE);
    const begun = performance.now();
    try {
      const request = { ...query, page, withTotal: true, signal: opening.signal };
      const { items, total } = await this.fetchPage(request);
      if (opening.signal.aborted) return;
      this.#query = query;
      this.#pages.clear();
      this.#pages.set(page, items);
      this.total = total ?? items.length;
      this.failure = null;
      this.tookMs = Math.round(performance.now() - begun);
    } catch (error) {
      if (opening.signal.aborted || isAborted(error)) return;
      this.failure = toFailure(error);
    } finally {
      if (!opening.signal.aborted) {
        this.loading = false;
        this.#opening = null;
      }
    }
  }

  /** Sees to it that these rows get loaded; what scrolled away meanwhile is not waited for. */
  need(first: number, end: number): void {
    if (!this.#query || this.total === null || this.loading) return;
    const from = Math.floor(first / PAGE_SIZE);
    const to = Math.floor(Math.max(first, Math.min(end, this.total) - 1) / PAGE_SIZE);
    this.#wanted = [];
    for (let page = from; page <= to; page += 1) {
      if (!this.#pages.has(page) && !this.#running.has(page)) this.#wanted.push(page);
    }
    clearTimeout(this.#rest);
    if (this.#wanted.length === 0) return;
    this.#rest = setTimeout(() => {
      this.#giveUp((page) => page < from || page > to);
      this.#pump(from);
    }, REST_MS);
  }

  /** Puts a saved record in the place of its older self. */
  replace(record: RecordModel): void {
    const index = this.indexOf(record.id);
    if (index === null) return;
    const page = Math.floor(index / PAGE_SIZE);
    const items = this.#pages.get(page) ?? [];
    this.#pages.set(page, items.with(index % PAGE_SIZE, record));
  }

  close(): void {
    this.#opening?.abort();
    this.#stopPages();
  }

  #stopPages(): void {
    clearTimeout(this.#rest);
    this.#giveUp(() => true);
    this.#wanted = [];
  }

  #giveUp(which: (page: number) => boolean): void {
    for (const [page, running] of this.#running) {
      if (!which(page)) continue;
      running.abort();
      this.#running.delete(page);
    }
  }

  #pump(around: number): void {
    while (this.#running.size < MAX_REQUESTS) {
      const page = this.#wanted.shift();
      if (page === undefined) return;
      void this.#load(page, around);
    }
  }

  async #load(page: number, around: number): Promise<void> {
    const query = this.#query;
    if (!query) return;
    const running = new AbortController();
    this.#running.set(page, running);
    try {
      const request = { ...query, page, withTotal: false, signal: running.signal };
      const { items } = await this.fetchPage(request);
      if (running.signal.aborted) return;
      this.#pages.set(page, items);
      this.#forgetFar(around);
      this.failure = null;
    } catch (error) {
      if (running.signal.aborted || isAborted(error)) return;
      this.failure = toFailure(error);
      this.#wanted = [];
    } finally {
      if (!running.signal.aborted) {
        this.#running.delete(page);
        this.#pump(around);
      }
    }
  }

  #forgetFar(around: number): void {
    if (this.#pages.size <= MAX_KEPT_PAGES) return;
    const farFirst = [...this.#pages.keys()].sort(
      (a, b) => Math.abs(b - around) - Math.abs(a - around),
    );
    for (const page of farFirst.slice(0, this.#pages.size - MAX_KEPT_PAGES)) {
      this.#pages.delete(page);
    }
  }
}
