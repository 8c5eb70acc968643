import { pb, SUPERUSERS } from './client';

/** One's own account at the server, and what guards it. */
export interface AppState {
  enabled: boolean;
  /** Since when, or empty. */
  confirmed: string;
  recoveryCodesLeft: number;
}

/** What an authenticator app reads; told once. */
export interface DrawnApp {
  secret: string;
  url: string;
  /** A picture, as SVG. */
  qr: string;
}

export interface SessionInfo {
  id: string;
  record: string;
  userAgent: string;
  ip: string;
  created: string;
  lastUsed: string;
  expires: string;
  current: boolean;
}

const path = (collection: string) => `/api/collections/${encodeURIComponent(collection)}`;
const own = path(SUPERUSERS);

export function appState(): Promise<AppState> {
  return pb.send<AppState>(`${own}/totp`, {});
}

export function drawApp(password: string): Promise<DrawnApp> {
  return pb.send<DrawnApp>(`${own}/totp/enroll`, { method: 'POST', body: { password } });
}

export async function confirmApp(code: string): Promise<string[]> {
  const options = { method: 'POST', body: { code } };
  return (await pb.send<{ recoveryCodes: string[] }>(`${own}/totp/confirm`, options)).recoveryCodes;
}

/** A code of the app has digits only; everything else is a recovery code. */
const proofOf = (code: string) => (/^\d{6}$/.test(code) ? { code } : { recoveryCode: code });

export async function newRecoveryCodes(code: string): Promise<string[]> {
  const options = { method: 'POST', body: proofOf(code) };
  const at = `${own}/totp/recovery-codes`;
  return (await pb.send<{ recoveryCodes: string[] }>(at, options)).recoveryCodes;
}

export async function removeApp(code: string): Promise<void> {
  await pb.send(`${own}/totp/disable`, { method: 'POST', body: proofOf(code) });
}

export async function allowApps(): Promise<void> {
  await pb.send(own, { method: 'PATCH', body: { totp: { enabled: true } } });
}

/** The newest sessions of a record. */
export async function sessionsOf(collection: string, record: string): Promise<SessionInfo[]> {
  const query = { record, perPage: 100 };
  const at = `${path(collection)}/sessions`;
  return (await pb.send<{ items: SessionInfo[] }>(at, { query })).items;
}

export async function endSession(collection: string, id: string): Promise<void> {
  await pb.send(`${path(collection)}/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

/** All of a record, but the one that asks. */
export async function endSessions(collection: string, record: string): Promise<void> {
  await pb.send(`${path(collection)}/sessions`, { method: 'DELETE', query: { record } });
}
