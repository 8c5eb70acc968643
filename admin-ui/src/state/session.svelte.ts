import type { RecordModel } from 'pocketbase';
import { pb, SUPERUSERS } from '../api/client';

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

  get email(): string {
    return (this.#record?.['email'] as string | undefined) ?? '';
  }

  async signIn(email: string, password: string): Promise<void> {
    await pb.collection(SUPERUSERS).authWithPassword(email, password);
    this.expired = false;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
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

  #whenSignedInAgain(): Promise<void> {
    if (!this.signedIn) return Promise.reject(new Error('signed out'));
    this.expired = true;
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
}

export const session = new Session();
