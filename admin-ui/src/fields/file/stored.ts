// Addresses of stored files.
import { pb } from '../../api/client';
import type { RecordModel } from '../../api/types';

const IMAGE = /\.(png|jpe?g|gif|webp)$/i;

export function isImage(name: string): boolean {
  return IMAGE.test(name);
}

export function addressOf(record: RecordModel, name: string, thumb = false): string {
  return pb.files.getURL(record, name, thumb ? { thumb: '100x100' } : {});
}

let shared: { token: Promise<string>; until: number } | null = null;

/** The token that protected files ask for. It lives three minutes; one serves all meanwhile. */
export function fileToken(): Promise<string> {
  if (!shared || shared.until < Date.now()) {
    shared = { token: pb.files.getToken(), until: Date.now() + 120_000 };
  }
  return shared.token;
}

export async function openFile(record: RecordModel, name: string): Promise<void> {
  // Opened at once, because browsers block what opens after a wait.
  const tab = window.open('', '_blank');
  const token = await fileToken();
  const address = pb.files.getURL(record, name, { token });
  if (tab) tab.location.href = address;
  else window.location.href = address;
}
