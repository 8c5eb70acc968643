// The mails of an auth collection: where each lies among the options, and what can be filled in.
import type { AuthOptions, MailText } from '../../../api/auth-options';

export const MAILS = [
  'verificationTemplate',
  'resetPasswordTemplate',
  'confirmEmailChangeTemplate',
  'otp',
  'authAlert',
] as const;
export type MailKey = (typeof MAILS)[number];

export function mailIn(options: AuthOptions, key: MailKey): MailText {
  return key === 'otp' || key === 'authAlert' ? options[key].emailTemplate : options[key];
}

/** Where errors about it lie. */
export function pathOf(key: MailKey): string {
  return key === 'otp' || key === 'authAlert' ? `${key}.emailTemplate` : key;
}

const OWN: Record<MailKey, string[]> = {
  verificationTemplate: ['{TOKEN}'],
  resetPasswordTemplate: ['{TOKEN}'],
  confirmEmailChangeTemplate: ['{TOKEN}'],
  otp: ['{OTP}', '{OTP_ID}'],
  authAlert: ['{ALERT_INFO}'],
};

export function placeholdersOf(key: MailKey): string[] {
  return ['{APP_NAME}', '{APP_URL}', ...OWN[key], '{RECORD:name}'];
}

export interface Sample {
  appName: string;
  appURL: string;
}

/** The HTML as it might arrive; what is filled in is data, and so is written as text. */
export function filledIn(html: string, sample: Sample): string {
  return fill(html, sample, escaped);
}

/** The same for a line of plain text. */
export function filledInLine(line: string, sample: Sample): string {
  return fill(line, sample, (value) => value);
}

function fill(text: string, sample: Sample, write: (value: string) => string): string {
  const values: Record<string, string> = {
    '{APP_NAME}': sample.appName,
    '{APP_URL}': sample.appURL,
    '{TOKEN}': 'TOKEN',
    '{OTP}': '12345678',
    '{OTP_ID}': 'o1t2p3i4d5',
    '{ALERT_INFO}': '203.0.113.7 - Firefox on Linux',
  };
  return text
    .replace(/\{RECORD:(\w+)\}/g, (_, field: string) => write(`‹${field}›`))
    .replace(/\{[A-Z_]+\}/g, (name) => write(values[name] ?? name));
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
