import { pb } from './client';
import { toFailure } from './errors';

export interface Backup {
  key: string;
  size: number;
  modified: string;
}

/** What is in a backup. Ours: other servers answer 404. */
export interface Manifest {
  version: string;
  created: string;
  appName: string;
  collections: { name: string; type: string; records: number }[];
  databaseSize: number;
  files: number;
  filesSize: number;
}

const pathOf = (key: string): string => `/api/gr/backups/${encodeURIComponent(key)}`;

export async function listBackups(): Promise<Backup[]> {
  const all = (await pb.backups.getFullList()) as Backup[];
  return all.toSorted((a, b) => b.modified.localeCompare(a.modified));
}

/** Comes back when the backup is made. An empty name is one of the server's choice. */
export async function createBackup(name = ''): Promise<void> {
  await pb.backups.create(name);
}

export async function deleteBackup(key: string): Promise<void> {
  await pb.backups.delete(key);
}

/** An address that works for a short time, without a header. */
export async function downloadAddress(key: string): Promise<string> {
  const token = await pb.files.getToken();
  return pb.backups.getDownloadURL(token, key);
}

/** Comes back before it is done: the server restarts. */
export async function restoreBackup(key: string): Promise<void> {
  await pb.backups.restore(key);
}

/** Null where the server cannot tell. */
export async function readManifest(key: string): Promise<Manifest | null> {
  try {
    return await pb.send<Manifest>(`${pathOf(key)}/manifest`, {});
  } catch (error) {
    if (toFailure(error).status === 404) return null;
    throw error;
  }
}

/** What a thorough look at a backup found. */
export interface Verdict {
  ok: boolean;
  problem: string;
  /** Milliseconds. */
  took: number;
}

/** Null where the server cannot do that. */
export async function verifyBackup(key: string): Promise<Verdict | null> {
  try {
    return await pb.send<Verdict>(`${pathOf(key)}/verify`, { method: 'POST' });
  } catch (error) {
    if (toFailure(error).status === 404) return null;
    throw error;
  }
}

/** True when the server answers at all. */
export async function isServerUp(): Promise<boolean> {
  try {
    await pb.health.check({ requestKey: null });
    return true;
  } catch {
    return false;
  }
}

export async function readSchedule(): Promise<{ cron: string; cronMaxKeep: number }> {
  const { backups } = await pb.send<{ backups: { cron: string; cronMaxKeep: number } }>(
    '/api/settings',
    { query: { fields: 'backups.cron,backups.cronMaxKeep' } },
  );
  return backups;
}

export interface Upload {
  done: Promise<void>;
  cancel: () => void;
}

/** With progress, which `fetch` does not tell. `share` is from 0 to 1. */
export function uploadBackup(file: File, onprogress: (share: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<void>((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => onprogress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status < 300) resolve();
      else reject(new Error(messageOf(request.responseText)));
    };
    request.onerror = () => reject(new Error(''));
    request.onabort = () => reject(new DOMException('', 'AbortError'));
    request.open('POST', pb.buildURL('/api/backups/upload'));
    request.setRequestHeader('Authorization', pb.authStore.token);
    const body = new FormData();
    body.set('file', file);
    request.send(body);
  });
  return { done, cancel: () => request.abort() };
}

/** The server's words: of the file first, else of the request. */
function messageOf(text: string): string {
  try {
    const answer = JSON.parse(text) as { message?: string; data?: { file?: { message?: string } } };
    return answer.data?.file?.message ?? answer.message ?? '';
  } catch {
    return '';
  }
}
