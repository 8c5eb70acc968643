// From the address and the columns to the requests that fetch the list.
import { pb } from '../../../api/client';
import type { CollectionModel, RecordModel } from '../../../api/types';
import { parseFilter } from '../../../fexpr/parse';
import { lint } from '../../../fexpr/lint';
import type { CompletionScope } from '../../../fexpr/complete';
import { isExpression, searchFilter } from '../../../fexpr/search';
import type { FilterError } from '../../../fexpr/tree';
import { labelFields } from '../../../fields/relation/label';
import type { Column } from '../../../grid/columns';
import {
  PAGE_SIZE,
  type ListQuery,
  type PageRequest,
  type RecordPage,
} from '../../../grid/record-list.svelte';
import { collections } from '../../../state/collections.svelte';

const EXCERPT = 120;

/** Newest first by the order of insertion, which a view does not have. */
export function standardSort(collection: CollectionModel): string {
  return collection.type === 'view' ? '' : '-@rowid';
}

/** What is wrong with a typed filter; plain words are never wrong. */
export function problemOf(typed: string, scope: CompletionScope): FilterError | null {
  if (!isExpression(typed)) return null;
  const parsed = parseFilter(typed);
  return parsed.ok ? lint(parsed.tree, scope) : parsed.error;
}

/** The filter to send for what was typed. Bad syntax never leaves the browser. */
export function filterToSend(typed: string, collection: CollectionModel): string {
  if (!isExpression(typed)) return searchFilter(typed, collection.fields);
  return parseFilter(typed).ok ? typed : '';
}

/** Only what is shown, with long texts cut and related records by their names. */
export function listQuery(
  collection: CollectionModel,
  columns: readonly Column[],
  filter: string,
  sort: string,
): ListQuery {
  const fields = ['id', 'collectionId', 'collectionName'];
  const expand: string[] = [];
  for (const { name, field } of columns) {
    fields.push(field.type === 'editor' ? `${name}:excerpt(${String(EXCERPT)},true)` : name);
    if (field.type !== 'relation') continue;
    expand.push(name);
    const labels = labelFields(collections.byName(field.collectionId));
    for (const label of ['id', ...labels]) fields.push(`expand.${name}.${label}`);
  }
  return {
    collection: collection.name,
    filter,
    sort: sort || standardSort(collection),
    fields: fields.join(','),
    expand: expand.join(','),
  };
}

export async function fetchPage(request: PageRequest): Promise<RecordPage> {
  const { collection, filter, sort, fields, expand, page, withTotal, signal } = request;
  const result = await pb.collection(collection).getList<RecordModel>(page + 1, PAGE_SIZE, {
    ...(filter && { filter }),
    ...(sort && { sort }),
    ...(expand && { expand }),
    fields,
    skipTotal: !withTotal,
    // Ours: a refused filter comes with the reason.
    explain: true,
    signal,
  });
  return { items: result.items, ...(withTotal && { total: result.totalItems }) };
}
