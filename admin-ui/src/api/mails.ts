import { pb } from './client';

/** A mail that a server under development shows instead of sending it. */
export interface ShownMail {
  id: string;
  sent: string;
  to: string;
  from: string;
  subject: string;
}

export interface MailContent extends ShownMail {
  html: string;
  text: string;
}

const PATH = '/api/gr/mails';

export function shownMails(): Promise<{ enabled: boolean; items: ShownMail[] }> {
  return pb.send(PATH, {});
}

export function shownMail(id: string): Promise<MailContent> {
  return pb.send<MailContent>(`${PATH}/${encodeURIComponent(id)}`, {});
}

export async function forgetMails(): Promise<void> {
  await pb.send(PATH, { method: 'DELETE' });
}
