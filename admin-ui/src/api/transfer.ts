import { ClientResponseError } from 'pocketbase';
import { pb } from './client';

export type ExportFormat = 'csv' | 'ndjson' | 'json';

export interface ExportQuery {
  format: ExportFormat;
  filter: string;
  sort: string;
  /** Empty is all. */
  fields: string;
}

/** A refused row of an import. */
export interface RefusedRow {
  row: number;
  message: string;
}

/** How far an import is, or how it ended. */
export interface ImportReport {
  id: string;
  dryRun: boolean;
  state: 'running' | 'done' | 'stopped' | 'cancelled' | 'failed';
  message: string;
  rows: number;
  created: number;
  updated: number;
  rejected: number;
  ignored: string[];
  errors: RefusedRow[];
  bytes: number;
  totalBytes: number;
}

const IMPORTS = '/api/gr/imports';

async function fetched(path: string, init: RequestInit = {}): Promise<Response> {
  const url = pb.buildURL(path);
  const response = await fetch(url, {
    ...init,
    headers: { ...init.headers, Authorization: pb.authStore.token },
  });
  if (response.ok) return response;
  const data: unknown = await response.json().catch(() => ({}));
  throw new ClientResponseError({ url, status: response.status, data });
}

/** The records as a file. The browser keeps it, on the disk where it is large. */
export async function exportRecords(
  collection: string,
  query: ExportQuery,
  signal: AbortSignal,
): Promise<Blob> {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
  const path = `/api/gr/collections/${encodeURIComponent(collection)}/export?${asked.toString()}`;
  return (await fetched(path, { signal })).blob();
}

/** Sends the file as it is, never held in memory. The id is chosen here, to follow it. */
export async function importRecords(
  collection: string,
  file: Blob,
  query: Record<string, string>,
): Promise<ImportReport> {
  const asked = new URLSearchParams(query);
  const path = `/api/gr/collections/${encodeURIComponent(collection)}/import?${asked.toString()}`;
  const response = await fetched(path, { method: 'POST', body: file });
  return (await response.json()) as ImportReport;
}

export function readImport(id: string): Promise<ImportReport> {
  return pb.send<ImportReport>(`${IMPORTS}/${id}`, {});
}

export async function cancelImport(id: string): Promise<void> {
  await pb.send(`${IMPORTS}/${id}`, { method: 'DELETE' });
}

/** The refused rows with their reasons, as CSV. */
export async function refusedRows(id: string): Promise<Blob> {
  return (await fetched(`${IMPORTS}/${id}/errors`)).blob();
}
