// The state of the log page: the address, the list and the counts that follow it, and what is new.
import { MediaQuery } from 'svelte/reactivity';
import { router } from 'svelte-spa-router';
import { isAborted, toFailure, type Failure } from '../../api/errors';
import { listLogs } from '../../api/logs';
import type { RecordModel } from '../../api/types';
import { quote } from '../../fexpr/print';
import { toWireDate } from '../../format/dates';
import { readPrefs, writePrefs, type GridPrefs } from '../../grid/columns';
import { RecordList } from '../../grid/record-list.svelte';
import { Selection } from '../../grid/selection.svelte';
import { pressSort } from '../../grid/sort';
import { collections } from '../../state/collections.svelte';
import { goTo, parseAddress, type LogAddress } from './address';
import { chartData, type ChartData } from './chart-data';
import { logColumns, PREFS_KEY } from './columns';
import { fullFilter, scopeWith, standingFilter } from './query';
import { fetchPage, type LogRow } from './rows';

/** How often one who follows the log looks for new entries. */
export const FOLLOW_MS = 2000;
/** Counting is dearer than listing. */
const CHART_REST_MS = 6000;

const EMPTY = { level: '', status: '', method: '', filter: '', from: '', to: '' };

export class LogView {
  readonly list = new RecordList(fetchPage);
  readonly selection = new Selection();
  seen = $state({ first: 0, last: 0 });
  /** New entries are looked for. */
  live = $state(false);
  /** How many have come since the list was made. */
  fresh = $state(0);
  chart = $state.raw<ChartData | null>(null);
  chartFailure = $state.raw<Failure | null>(null);
  #prefs = $state.raw<GridPrefs>(readPrefs(PREFS_KEY));
  /** The moment that a range "until now" was asked for. */
  #now = Date.now();
  #counting: AbortController | null = null;
  #counted = 0;
  #looking = false;

  #narrow = new MediaQuery('max-width: 760px');

  readonly address = $derived(parseAddress(router.querystring));
  /** As text, so that the open entry does not fetch the list anew. */
  readonly wanted = $derived(JSON.stringify({ ...this.address, log: '' }));
  readonly columns = $derived(logColumns(this.#prefs, this.#narrow.current));
  readonly shown = $derived(this.columns.filter((column) => !column.hidden));
  readonly filtered = $derived.by(() => {
    const { level, status, method, filter, from } = this.address;
    return [level, status, method, filter, from].some((one) => one !== '');
  });
  readonly scope = $derived.by(() => {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- made anew each time
    const names = new Set<string>();
    for (const [, row] of this.list.loaded()) {
      for (const name of Object.keys((row as LogRow).log.data)) names.add(name);
    }
    const auth = collections.all.filter((one) => one.type === 'auth').map((one) => one.name);
    return scopeWith(names, auth);
  });
  readonly refusal = $derived.by(() => {
    const { failure, total } = this.list;
    if (failure?.status !== 400 || !this.address.filter) return null;
    const reason = failure.fields['filter'] ?? failure.message;
    return { reason, place: undefined, isKept: (total ?? 0) > 0 };
  });

  get prefs(): GridPrefs {
    return this.#prefs;
  }
  set prefs(prefs: GridPrefs) {
    this.#prefs = prefs;
    writePrefs(PREFS_KEY, prefs);
  }

  go = (change: Partial<LogAddress>, how: 'push' | 'replace' = 'push'): void => {
    goTo({ ...this.address, ...change }, how);
  };

  clear = (): void => {
    this.go({ ...EMPTY });
  };

  open = (record: RecordModel): void => {
    this.go({ log: record.id }, this.address.log ? 'replace' : 'push');
  };

  step = (by: 1 | -1): void => {
    const at = this.list.indexOf(this.address.log);
    const next = at === null ? undefined : this.list.row(at + by);
    if (next) this.go({ log: next.id }, 'replace');
  };

  sort = (field: string, keepOthers: boolean): void => {
    this.go({ sort: pressSort(this.address.sort, field, keepOthers) }, 'replace');
  };

  resize = (name: string, width: number): void => {
    this.prefs = { ...this.prefs, widths: { ...this.prefs.widths, [name]: width } };
  };

  selectAll = (): void => {
    const loaded = [...this.list.loaded()].map(([, record]) => record.id);
    if (loaded.every((id) => this.selection.has(id))) this.selection.clear();
    else this.selection.add(loaded);
  };

  /** The list and the counts anew; `from` is the row to begin at. */
  refresh = (from = 0): void => {
    this.#now = Date.now();
    this.fresh = 0;
    const { address } = this;
    const filter = fullFilter(address, this.#now);
    const query = { collection: '', filter, sort: address.sort, fields: '', expand: '' };
    void this.list.open(query, from);
    void this.#count(address);
  };

  close(): void {
    this.list.close();
    this.#counting?.abort();
  }

  /** One look of somebody who follows: what is new shows up, unless that would move what is read. */
  async look(): Promise<void> {
    if (this.#looking || this.list.loading || document.hidden || this.address.to) return;
    this.#looking = true;
    try {
      const since = this.#newest();
      const filter = [`created > ${quote(since)}`, standingFilter(this.address)]
        .filter(Boolean)
        .join(' && ');
      const query = { page: 1, perPage: 1, filter, fields: 'id', withTotal: true };
      const { totalItems } = await listLogs(query);
      if (!this.live || totalItems === 0) return;
      const isReading = this.seen.first > 0 || this.address.sort || this.selection.ids.length > 0;
      if (isReading) this.fresh = totalItems;
      else this.refresh();
    } catch {
      // The next look tells; a list that cannot be had says so itself.
    } finally {
      this.#looking = false;
    }
  }

  #newest(): string {
    let newest = momentOf(this.#now);
    const first = this.list.row(0);
    if (first && !this.address.sort) newest = (first as LogRow).log.created;
    return newest;
  }

  async #count(address: LogAddress): Promise<void> {
    if (this.live && Date.now() - this.#counted < CHART_REST_MS) return;
    this.#counting?.abort();
    const counting = new AbortController();
    this.#counting = counting;
    try {
      const data = await chartData(address, this.#now, counting.signal);
      if (counting.signal.aborted) return;
      this.chart = data;
      this.chartFailure = null;
      this.#counted = Date.now();
    } catch (error) {
      if (counting.signal.aborted || isAborted(error)) return;
      this.chartFailure = toFailure(error);
    }
  }
}

const momentOf = (time: number): string => toWireDate(new Date(time));
