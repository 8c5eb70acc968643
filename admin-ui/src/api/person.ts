import { pb } from './client';
import type { RecordModel } from './types';

/** A service that vouches for somebody. */
export interface LinkedService {
  id: string;
  provider: string;
  providerId: string;
}

const pathOf = (collection: string) => `/api/collections/${encodeURIComponent(collection)}`;

export async function sendVerification(collection: string, email: string): Promise<void> {
  await pb.collection(collection).requestVerification(email);
}

export async function sendReset(collection: string, email: string): Promise<void> {
  await pb.collection(collection).requestPasswordReset(email);
}

/** A token with which requests are made as this person; it cannot be renewed. */
export async function tokenOf(
  collection: string,
  record: string,
  seconds: number,
): Promise<string> {
  const path = `${pathOf(collection)}/impersonate/${encodeURIComponent(record)}`;
  const options = { method: 'POST', body: { duration: seconds } };
  return (await pb.send<{ token: string }>(path, options)).token;
}

export function linkedServices(collectionId: string, record: string): Promise<LinkedService[]> {
  return pb.collection('_externalAuths').getFullList<LinkedService & RecordModel>({
    filter: pb.filter('collectionRef = {:collectionId} && recordRef = {:record}', {
      collectionId,
      record,
    }),
    sort: 'provider',
  });
}

export async function unlinkService(id: string): Promise<void> {
  await pb.collection('_externalAuths').delete(id);
}

const appPath = (collection: string, record: string) =>
  `${pathOf(collection)}/totp/${encodeURIComponent(record)}`;

/** False too where the server knows of no authenticator apps. */
export async function hasApp(collection: string, record: string): Promise<boolean> {
  try {
    return (await pb.send<{ enabled: boolean }>(appPath(collection, record), {})).enabled;
  } catch {
    return false;
  }
}

export async function removeAppOf(collection: string, record: string): Promise<void> {
  await pb.send(appPath(collection, record), { method: 'DELETE' });
}
