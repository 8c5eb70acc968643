import { pb } from './client';

/** The part of the settings that the dashboard edits; the rest is left as it is. */
export interface Settings {
  meta: { appName: string; appURL: string; senderName: string; senderAddress: string };
  smtp: Smtp;
}

export interface Smtp {
  enabled: boolean;
  host: string;
  port: number | null;
  username: string;
  /** Never sent by the server; sent to it only to be changed. */
  password?: string;
  authMethod: string;
  tls: boolean;
  localName: string;
}

export type SettingsChange = { [K in keyof Settings]?: Partial<Settings[K]> };

export function readSettings(): Promise<Settings> {
  return pb.send<Settings>('/api/settings', {});
}

export function writeSettings(change: SettingsChange): Promise<Settings> {
  return pb.send<Settings>('/api/settings', { method: 'PATCH', body: change });
}

export const MAIL_TEMPLATES = [
  'verification',
  'password-reset',
  'email-change',
  'otp',
  'login-alert',
] as const;
export type MailTemplate = (typeof MAIL_TEMPLATES)[number];

export async function sendTestMail(
  email: string,
  template: MailTemplate,
  collection: string,
): Promise<void> {
  const body = { email, template, collection };
  await pb.send('/api/settings/test/email', { method: 'POST', body });
}
