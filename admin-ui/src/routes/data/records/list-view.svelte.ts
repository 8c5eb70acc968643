// The state of the record list: the address, the columns and what is ticked, and what follows.
import { router } from 'svelte-spa-router';
import type { CollectionModel, RecordModel } from '../../../api/types';
import {
  columnsOf,
  readPrefs,
  writePrefs,
  type Column,
  type GridPrefs,
} from '../../../grid/columns';
import { RecordList, type ListQuery } from '../../../grid/record-list.svelte';
import { Selection } from '../../../grid/selection.svelte';
import { parseSort, pressSort } from '../../../grid/sort';
import { recordStrings as words } from '../../../strings/records';
import { goTo, NEW_RECORD, parseAddress, type ListAddress } from './address';
import { pressOnCell } from './press';
import { scopeOf } from '../scope';
import type { ListPart } from '../transfer/list-part';
import { fetchPage, filterToSend, listQuery } from './query';

/** Records about to be deleted: by id, or all that match. */
export interface Doomed {
  ids: readonly string[] | null;
  count: number;
}

export class ListView {
  readonly list = new RecordList(fetchPage);
  readonly selection = new Selection();
  seen = $state({ first: 0, last: 0 });
  /** What was just done, for those who cannot see it. */
  said = $state('');
  doomed = $state.raw<Doomed | null>(null);
  #prefs: GridPrefs;

  constructor(readonly collection: CollectionModel) {
    this.#prefs = $state.raw(readPrefs(collection.id));
  }

  readonly isView = $derived.by(() => this.collection.type === 'view');
  readonly address = $derived(parseAddress(router.querystring));
  readonly columns = $derived.by(() => columnsOf(this.collection, this.prefs));
  readonly shown = $derived(this.columns.filter((column) => !column.hidden));
  readonly scope = $derived.by(() => scopeOf(this.collection));
  readonly filter = $derived.by(() => filterToSend(this.address.filter, this.collection));
  /** As text, so that a change of widths or of the open record does not fetch anew. */
  readonly query = $derived.by(() =>
    JSON.stringify(listQuery(this.collection, this.shown, this.filter, this.address.sort)),
  );
  /** Why the server refused the filter, and where, as far as the text is the one that was typed. */
  readonly refusal = $derived.by(() => {
    const { failure } = this.list;
    if (failure?.status !== 400 || !this.address.filter) return null;
    const place = this.filter === this.address.filter ? failure.places['filter'] : undefined;
    const isKept = (this.list.total ?? 0) > 0;
    return { reason: failure.fields['filter'] ?? failure.message, place, isKept };
  });
  readonly refused = $derived(this.refusal !== null);
  /** A failure that is not the filter's, while older rows are still shown. */
  readonly failed = $derived.by(() => {
    const { failure, total } = this.list;
    return failure && total !== null && !this.refused ? failure.message : '';
  });
  readonly result = $derived.by(() => {
    const { total, tookMs } = this.list;
    const isKnown = this.address.filter !== '' && total !== null && tookMs !== null;
    return isKnown && !this.refused ? words.filter.matches(total, tookMs) : '';
  });

  get prefs(): GridPrefs {
    return this.#prefs;
  }
  set prefs(prefs: GridPrefs) {
    this.#prefs = prefs;
    writePrefs(this.collection.id, prefs);
  }

  /** As an export asks for it. */
  get part(): ListPart {
    return {
      filter: this.filter,
      sort: this.parsedQuery.sort,
      total: this.list.total ?? 0,
      columns: ['id', ...this.shown.map(({ name }) => name).filter((name) => name !== 'id')],
      ids: this.selection.all ? [] : this.selection.ids,
    };
  }

  get parsedQuery(): ListQuery {
    return JSON.parse(this.query) as ListQuery;
  }

  go(change: Partial<ListAddress>, how: 'push' | 'replace' = 'push'): void {
    goTo(this.collection.name, { ...this.address, ...change }, how);
  }

  open = (record: RecordModel): void => {
    this.go({ record: record.id }, this.address.record ? 'replace' : 'push');
  };

  openNew = (): void => {
    if (!this.isView) this.go({ record: NEW_RECORD }, this.address.record ? 'replace' : 'push');
  };

  /** The same filter again is a wish to look again. */
  applyFilter = (typed: string): void => {
    if (typed === this.address.filter) this.refresh();
    else this.go({ filter: typed });
  };

  refresh = (): void => {
    void this.list.open(this.parsedQuery, this.seen.first);
  };

  sortBy = (sort: string): void => {
    this.go({ sort }, 'replace');
    const key = parseSort(sort)[0];
    this.said = key ? words.sort.announce(key.field, key.descending) : words.sort.announceNone;
  };

  pressSort = (field: string, keepOthers: boolean): void => {
    this.sortBy(pressSort(this.address.sort, field, keepOthers));
  };

  resize = (name: string, width: number): void => {
    this.prefs = { ...this.prefs, widths: { ...this.prefs.widths, [name]: width } };
  };

  /** First what is loaded, then all that match, then nothing. */
  selectAll = (): void => {
    const { list, selection } = this;
    const loaded = [...list.loaded()].map(([, record]) => record.id);
    const isLoadedTicked = loaded.every((id) => selection.has(id));
    if (selection.all || (isLoadedTicked && loaded.length >= (list.total ?? 0))) selection.clear();
    else if (isLoadedTicked) selection.all = true;
    else selection.add(loaded);
  };

  /** Asks before the ticked records go; false when there are none. */
  doomTicked = (): boolean => {
    const count = this.selection.count(this.list.total ?? 0);
    if (this.isView || count === 0) return false;
    this.doomed = { ids: this.selection.all ? null : this.selection.ids, count };
    return true;
  };

  doom = (record: RecordModel): void => {
    this.doomed = { ids: [record.id], count: 1 };
  };

  forget = (ids: string[]): void => {
    this.selection.remove(ids);
    if (ids.includes(this.address.record)) this.go({ record: '' }, 'replace');
  };

  saved = (record: RecordModel, isNew: boolean): void => {
    if (!isNew) {
      this.list.replace(record);
      return;
    }
    this.refresh();
    this.go({ record: record.id }, 'replace');
  };

  /** To the record above or below; the rows that are loaded bound it. */
  step = (by: 1 | -1): void => {
    const at = this.list.indexOf(this.address.record);
    const next = at === null ? undefined : this.list.row(at + by);
    if (next) this.go({ record: next.id }, 'replace');
  };

  press = (event: KeyboardEvent, record: RecordModel, column: Column | undefined): boolean =>
    pressOnCell(event, record, column, {
      open: this.open,
      filter: (filter) => this.go({ filter }),
      say: (text) => (this.said = text),
      remove: this.doomTicked,
    });
}
