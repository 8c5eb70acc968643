import { pb } from './client';

/** One line of the log, as the wire has it. What `data` holds depends on who wrote it. */
export interface LogModel {
  id: string;
  created: string;
  /** -4 debug, 0 info, 4 warning, 8 error; others are possible. */
  level: number;
  message: string;
  data: Record<string, unknown>;
}

export interface LogPage {
  items: LogModel[];
  totalItems: number;
}

export interface LogQuery {
  page: number;
  perPage: number;
  filter: string;
  sort?: string;
  fields?: string;
  withTotal: boolean;
  signal?: AbortSignal;
}

const PATH = '/api/logs';

export async function listLogs(query: LogQuery): Promise<LogPage> {
  const { page, perPage, filter, sort = '-@rowid', fields, withTotal, signal } = query;
  return pb.send<LogPage>(PATH, {
    query: {
      page,
      perPage,
      sort,
      ...(filter && { filter }),
      ...(fields && { fields }),
      ...(!withTotal && { skipTotal: 1 }),
      // Ours: a refused filter comes with the reason.
      explain: 1,
    },
    ...(signal && { signal }),
  });
}

export function readLog(id: string): Promise<LogModel> {
  return pb.send<LogModel>(`${PATH}/${encodeURIComponent(id)}`, {});
}

/** How many there are of each hour that has any. */
export function hourlyLogs(
  filter: string,
  signal?: AbortSignal,
): Promise<{ date: string; total: number }[]> {
  return pb.send(`${PATH}/stats`, { query: { filter }, ...(signal && { signal }) });
}

export async function deleteLogs(): Promise<void> {
  await pb.send(PATH, { method: 'DELETE' });
}

export interface LogSettings {
  /** Zero keeps none. */
  maxDays: number | null;
  minLevel: number;
  /** Bytes of an entry's data; zero is no limit. */
  maxDataSize: number | null;
  logIP: boolean;
  logAuthId: boolean;
  /** Ours, as all below: megabytes of all entries; zero is no limit. Absent while it is 1024. */
  maxSize?: number | null;
  /** Absent while it is off. */
  logSQL?: boolean;
}

export async function readLogSettings(): Promise<LogSettings> {
  const { logs } = await pb.send<{ logs: LogSettings }>('/api/settings', {
    query: { fields: 'logs' },
  });
  return logs;
}

export async function writeLogSettings(logs: LogSettings): Promise<LogSettings> {
  const saved = await pb.send<{ logs: LogSettings }>('/api/settings', {
    method: 'PATCH',
    body: { logs },
  });
  return saved.logs;
}
