import type { AuthMethodsList, RecordModel } from 'pocketbase';
import { pb, SUPERUSERS } from './client';

/** The server's offers. `totp` is ours: absent where there are no authenticator apps. */
export interface Offers extends AuthMethodsList {
  totp?: { enabled: boolean };
}

export function signInOffers(): Promise<Offers> {
  return pb.collection(SUPERUSERS).listAuthMethods({ fields: 'mfa,otp,password,oauth2,totp' });
}

export async function mailCode(email: string): Promise<string> {
  return (await pb.collection(SUPERUSERS).requestOTP(email)).otpId;
}

/** What the app shows, or one of the codes kept for the day the app is lost. */
export type AppCode = { code: string } | { recoveryCode: string };

export async function signInWithApp(mfaId: string, code: AppCode): Promise<void> {
  const path = `/api/collections/${SUPERUSERS}/auth-with-totp`;
  const { token, record } = await pb.send<{ token: string; record: RecordModel }>(path, {
    method: 'POST',
    body: { mfaId, ...code },
  });
  pb.authStore.save(token, record);
}

export function askForReset(email: string): Promise<boolean> {
  return pb.collection(SUPERUSERS).requestPasswordReset(email);
}

/** The id of the second step, when a first one was right and the account asks for another. */
export function secondStepOf(error: unknown): string | null {
  if (!(error instanceof Object) || !('response' in error)) return null;
  const { mfaId } = error.response as { mfaId?: unknown };
  return typeof mfaId === 'string' && mfaId !== '' ? mfaId : null;
}
