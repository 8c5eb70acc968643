import { pb } from './client';

/** The settings of the server, all of them. */
export interface Settings {
  meta: {
    appName: string;
    appURL: string;
    senderName: string;
    senderAddress: string;
    hideControls: boolean;
  };
  smtp: Smtp;
  s3: S3;
  backups: { cron: string; cronMaxKeep: number | null; s3: S3 };
  batch: {
    enabled: boolean;
    maxRequests: number | null;
    timeout: number | null;
    maxBodySize: number | null;
  };
  rateLimits: { enabled: boolean; rules: RateRule[]; excludedIPs: string[] };
  trustedProxy: { headers: string[]; useLeftmostIP: boolean };
  superuserIPs: string[];
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

export interface S3 {
  enabled: boolean;
  bucket: string;
  region: string;
  endpoint: string;
  accessKey: string;
  /** Never sent by the server; sent to it only to be changed. */
  secret?: string;
  forcePathStyle: boolean;
}

export interface RateRule {
  label: string;
  audience: '' | '@guest' | '@auth';
  duration: number | null;
  maxRequests: number | null;
}

export type SettingsChange = { [K in keyof Settings]?: Partial<Settings[K]> | Settings[K] };

export function readSettings(): Promise<Settings> {
  return pb.send<Settings>('/api/settings', {});
}

export function writeSettings(change: SettingsChange): Promise<Settings> {
  return pb.send<Settings>('/api/settings', { method: 'PATCH', body: change });
}

export type Filesystem = 'storage' | 'backups';

/** Puts a file into the bucket, reads it and removes it. Refused with the reason. */
export async function testS3(filesystem: Filesystem): Promise<void> {
  await pb.send('/api/settings/test/s3', { method: 'POST', body: { filesystem } });
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
