import PocketBase, { BaseAuthStore } from 'pocketbase';
import { noteWait, serverUrl } from './server';

/** The server as somebody sees it who is not signed in to the dashboard. */
export const visitor = new PocketBase(serverUrl, new BaseAuthStore());
visitor.autoCancellation(false);
visitor.afterSend = noteWait;
