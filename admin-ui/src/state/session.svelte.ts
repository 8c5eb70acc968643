import { getTokenPayload, type RecordModel } from 'pocketbase';
import { pb, SUPERUSERS } from '../api/client';
import { signInWithApp, type AppCode } from '../api/sign-in';

/** A token that ends within these seconds is renewed while somebody works. */
const RENEW_AT = 300;

/** Who is signed in, and what happens when that ends. */
class Session {
  #record = $state.raw<RecordModel | null>(pb.authStore.isValid ? pb.authStore.record : null);
  /** The session ended while the dashboard was open: the sign-in dialog lies over the page. */
  expired = $state(false);
  #waiting: { resolve: () => void; reject: (reason: Error) => void }[] = [];

  constructor() {
    // Also hears of a sign-out in another tab.
    pb.authStore.onChange((token, record) => {
      this.#record = token ? (record as RecordModel) : null;
    });
    pb.onExpired = () => this.#whenSignedInAgain();
  }

  get signedIn(): boolean {
    return this.#record !== null || this.expired;
  }

  get id(): string {
    return this.#record?.id ?? '';
  }

  get email(): string {
    return (this.#record?.['email'] as string | undefined) ?? '';
  }

  /** `mfaId` is told by the step before, when the account asks for two. */
  async signIn(email: string, password: string, mfaId?: string): Promise<void> {
    await pb.collection(SUPERUSERS).authWithPassword(email, password, second(mfaId));
    this.#go();
  }

  async signInWithMail(otpId: string, code: string, mfaId?: string): Promise<void> {
    await pb.collection(SUPERUSERS).authWithOTP(otpId, code, second(mfaId));
    this.#go();
  }

  async signInWithApp(mfaId: string, code: AppCode): Promise<void> {
    await signInWithApp(mfaId, code);
    this.#go();
  }

  /** Creates the first superuser with the token of the set-up link, then signs in. */
  async install(token: string, email: string, password: string): Promise<void> {
    await pb
      .collection(SUPERUSERS)
      .create(
        { email, password, passwordConfirm: password },
        { headers: { Authorization: token } },
      );
    await this.signIn(email, password);
  }

  /** A new password ends all tokens, this one too: hence the sign-in, which may ask for more. */
  async changePassword(password: string): Promise<void> {
    const { id, email } = this;
    await pb.collection(SUPERUSERS).update(id, { password, passwordConfirm: password });
    try {
      await this.signIn(email, password);
    } catch {
      this.expired = true;
    }
  }

  /** For somebody who is at work, shortly before the token ends. */
  async keepUp(): Promise<void> {
    const left = secondsLeft(pb.authStore.token);
    if (!this.expired && left > 0 && left < RENEW_AT) await this.refresh();
  }

  /** Lengthens the session of somebody who is at work; one that has ended asks to sign in. */
  async refresh(): Promise<void> {
    try {
      await pb.collection(SUPERUSERS).authRefresh();
    } catch {
      // The page's own requests tell what is wrong, with more to say about it.
    }
  }

  signOut(): void {
    this.expired = false;
    pb.authStore.clear();
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('signed out'));
  }

  /** Who signed in goes on, and so does what had to wait for it. */
  #go(): void {
    this.expired = false;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  #whenSignedInAgain(): Promise<void> {
    if (!this.signedIn) return Promise.reject(new Error('signed out'));
    this.expired = true;
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
}

function secondsLeft(token: string): number {
  const { exp } = getTokenPayload(token) as { exp?: number };
  return (exp ?? 0) - Date.now() / 1000;
}

const second = (mfaId: string | undefined) => (mfaId ? { query: { mfaId } } : {});

export const session = new Session();
