import { pb } from './client';

/** How people of an auth collection sign in; names are the wire's. */
export interface AuthOptions {
  passwordAuth: { enabled: boolean; identityFields: string[] };
  otp: {
    enabled: boolean;
    duration: number | null;
    length: number | null;
    emailTemplate: MailText;
  };
  mfa: { enabled: boolean; duration: number | null; rule: string };
  oauth2: { enabled: boolean; providers: Provider[]; mappedFields: MappedFields };
  authAlert: { enabled: boolean; emailTemplate: MailText };
  authToken: TokenOptions;
  passwordResetToken: TokenOptions;
  emailChangeToken: TokenOptions;
  verificationToken: TokenOptions;
  fileToken: TokenOptions;
  verificationTemplate: MailText;
  resetPasswordTemplate: MailText;
  confirmEmailChangeTemplate: MailText;
  /** Ours, as are the next two: the server leaves them out while they are as they were made. */
  totp: { enabled: boolean };
  session: SessionOptions;
  passwordPolicy: { minLength: number | null; refuseCommon: boolean };
}

export interface MailText {
  subject: string;
  body: string;
}

export interface TokenOptions {
  duration: number | null;
}

export interface MappedFields {
  id: string;
  name: string;
  username: string;
  avatarURL: string;
}

export interface Provider {
  name: string;
  clientId: string;
  /** Never sent by the server; sent to it only to be changed. */
  clientSecret?: string;
  authURL: string;
  tokenURL: string;
  userInfoURL: string;
  displayName: string;
  pkce: boolean | null;
  extra: Record<string, unknown>;
}

export interface SessionOptions {
  enabled: boolean;
  accessDuration: number | null;
  idleDuration: number | null;
  absoluteDuration: number | null;
  grace: number | null;
  cookie: boolean;
}

export interface KnownProvider {
  name: string;
  displayName: string;
}

const STANDARD: Pick<AuthOptions, 'totp' | 'session' | 'passwordPolicy'> = {
  totp: { enabled: false },
  session: {
    enabled: false,
    accessDuration: 900,
    idleDuration: 2_592_000,
    absoluteDuration: 7_776_000,
    grace: 30,
    cookie: false,
  },
  passwordPolicy: { minLength: 0, refuseCommon: false },
};

const KEYS = [
  'passwordAuth',
  'otp',
  'mfa',
  'oauth2',
  'authAlert',
  'authToken',
  'passwordResetToken',
  'emailChangeToken',
  'verificationToken',
  'fileToken',
  'verificationTemplate',
  'resetPasswordTemplate',
  'confirmEmailChangeTemplate',
  'totp',
  'session',
  'passwordPolicy',
] as const satisfies (keyof AuthOptions)[];

const pathOf = (id: string) => `/api/collections/${encodeURIComponent(id)}`;
const query = { fields: KEYS.join(',') };

const whole = (told: Partial<AuthOptions>): AuthOptions =>
  ({ ...STANDARD, ...told }) as AuthOptions;

export async function readAuthOptions(id: string): Promise<AuthOptions> {
  return whole(await pb.send<AuthOptions>(pathOf(id), { query }));
}

export async function writeAuthOptions(
  id: string,
  change: Partial<AuthOptions>,
): Promise<AuthOptions> {
  const options = { method: 'PATCH', body: change, query };
  return whole(await pb.send<AuthOptions>(pathOf(id), options));
}

/** What a new auth collection begins with: to put a mail's text back. */
export async function standardAuthOptions(): Promise<AuthOptions> {
  const path = '/api/collections/meta/scaffolds';
  return whole((await pb.send<{ auth: AuthOptions }>(path, {})).auth);
}

export function knownProviders(): Promise<KnownProvider[]> {
  return pb.send<KnownProvider[]>('/api/collections/meta/oauth2-providers', {});
}

export type TokenKey =
  'authToken' | 'passwordResetToken' | 'emailChangeToken' | 'verificationToken' | 'fileToken';

/** A new secret ends every token that was signed with the old one. */
export async function endTokens(id: string, tokens: readonly TokenKey[]): Promise<void> {
  const body = Object.fromEntries(tokens.map((token) => [token, { secret: newSecret() }]));
  await pb.send(pathOf(id), { method: 'PATCH', body, query: { fields: 'id' } });
}

function newSecret(): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  const bytes = crypto.getRandomValues(new Uint32Array(50));
  return Array.from(bytes, (byte) => letters.charAt(byte % letters.length)).join('');
}
