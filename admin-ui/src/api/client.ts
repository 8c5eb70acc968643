import PocketBase, { LocalAuthStore, type SendOptions } from 'pocketbase';
import { noteWait, serverUrl } from './server';

/**
 * The SDK, with one addition: a request refused because the session ended waits until somebody
 * has signed in again, and is then sent once more. So nothing on the page behind is lost.
 */
class Client extends PocketBase {
  /** Resolves after a new sign-in, rejects when there will be none. */
  onExpired: (() => Promise<void>) | null = null;

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the SDK's own signature
  override async send<T = any>(path: string, options: SendOptions): Promise<T> {
    try {
      return await super.send<T>(path, options);
    } catch (error) {
      if (!this.onExpired || !isExpired(error) || path.includes('/auth-with-')) throw error;
      await this.onExpired();
      return super.send<T>(path, options);
    }
  }
}

function isExpired(error: unknown): boolean {
  return error instanceof Object && 'status' in error && error.status === 401;
}

export const pb = new Client(serverUrl, new LocalAuthStore('greenroom_superuser'));
pb.autoCancellation(false);
pb.afterSend = noteWait;

export const SUPERUSERS = '_superusers';
