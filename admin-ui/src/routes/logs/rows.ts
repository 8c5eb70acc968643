// Log entries as the grid takes its rows.
import { listLogs, type LogModel } from '../../api/logs';
import type { RecordModel } from '../../api/types';
import { PAGE_SIZE, type PageRequest, type RecordPage } from '../../grid/record-list.svelte';

export interface LogRow extends RecordModel {
  log: LogModel;
}

/** What a request asked for; of other entries what they say. */
export function whatOf(log: LogModel): string {
  const { url } = log.data;
  return typeof url === 'string' && url !== '' ? url : log.message;
}

export function toRow(log: LogModel): LogRow {
  const data = Object.entries(log.data).map(([name, value]) => [`data.${name}`, value] as const);
  return {
    ...Object.fromEntries(data),
    id: log.id,
    collectionId: '',
    collectionName: '',
    created: log.created,
    level: log.level,
    what: whatOf(log),
    log,
  };
}

export async function fetchPage(request: PageRequest): Promise<RecordPage> {
  const { filter, sort, page, withTotal, signal } = request;
  const query = { page: page + 1, perPage: PAGE_SIZE, filter, withTotal, signal };
  const result = await listLogs(sort ? { ...query, sort } : query);
  return { items: result.items.map(toRow), ...(withTotal && { total: result.totalItems }) };
}

export type LevelName = 'debug' | 'info' | 'warn' | 'error';

export function levelName(level: number): LevelName {
  if (level >= 8) return 'error';
  if (level >= 4) return 'warn';
  return level >= 0 ? 'info' : 'debug';
}
