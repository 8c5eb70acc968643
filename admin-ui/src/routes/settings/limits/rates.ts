import type { RateRule } from '../../../api/settings';

/** What rules call the routes of a collection, with the method and the rest of their path. */
const TAGS: [method: string, path: RegExp, tags: readonly string[]][] = [
  ['GET', /^records\/?$/, ['list']],
  ['GET', /^records\/[^/]+$/, ['view']],
  ['POST', /^records\/?$/, ['create']],
  ['PATCH', /^records\/[^/]+$/, ['update']],
  ['DELETE', /^records\/[^/]+$/, ['delete']],
  ['GET', /^auth-methods$/, ['listAuthMethods']],
  ['POST', /^auth-refresh$/, ['authRefresh']],
  ['POST', /^auth-with-password$/, ['authWithPassword', 'auth']],
  ['POST', /^auth-with-oauth2$/, ['authWithOAuth2', 'auth']],
  ['POST', /^auth-with-otp$/, ['authWithOTP', 'auth']],
  ['POST', /^request-otp$/, ['requestOTP']],
  ['POST', /^request-password-reset$/, ['requestPasswordReset']],
  ['POST', /^confirm-password-reset$/, ['confirmPasswordReset']],
  ['POST', /^request-verification$/, ['requestVerification']],
  ['POST', /^confirm-verification$/, ['confirmVerification']],
  ['POST', /^request-email-change$/, ['requestEmailChange']],
  ['POST', /^confirm-email-change$/, ['confirmEmailChange']],
];

const ALL_TAGS = [...new Set(['file', ...TAGS.flatMap(([, , tags]) => tags)])];
const AUTH_ONLY = /auth|otp|password|verification|email/i;
const PATHS = ['/api/', '/api/batch', '/api/realtime', '/api/health'];

/** Labels to choose from. Views have nothing to write, only auth collections a sign-in. */
export function labelsFor(collections: readonly { name: string; type: string }[]): string[] {
  const own = collections.flatMap(({ name, type }) =>
    ALL_TAGS.filter((tag) => type === 'auth' || !AUTH_ONLY.test(tag))
      .filter((tag) => type !== 'view' || ['list', 'view', 'file'].includes(tag))
      .map((tag) => `${name}:${tag}`),
  );
  return [...ALL_TAGS.map((tag) => `*:${tag}`), ...PATHS, ...own];
}

export interface Asked {
  method: string;
  path: string;
  audience: '@guest' | '@auth';
}

/** Position of the rule that a request meets: the closest name decides, not the order. */
export function ruleFor(rules: readonly RateRule[], { method, path, audience }: Asked): number {
  const fits = (rule: RateRule) => rule.audience === '' || rule.audience === audience;
  const find = (isIt: (label: string) => boolean) =>
    rules.findIndex((rule) => fits(rule) && isIt(rule.label));
  const { collection, tags } = named(method, path);
  const names = [collection, '*'].flatMap((owner) => tags.map((tag) => `${owner}:${tag}`));
  for (const name of names) {
    const at = find((label) => label === name);
    if (at >= 0) return at;
  }
  for (const wanted of [`${method} ${path}`, path]) {
    const exact = find((label) => label === wanted);
    if (exact >= 0) return exact;
    const above = find((label) => label.endsWith('/') && `${wanted}/`.startsWith(label));
    if (above >= 0) return above;
  }
  return -1;
}

function named(method: string, path: string): { collection: string; tags: readonly string[] } {
  const file = /^\/api\/files\/([^/]+)\/./.exec(path)?.[1];
  if (file) return { collection: file, tags: ['file'] };
  const [, collection = '', rest = ''] = /^\/api\/collections\/([^/]+)\/(.+)$/.exec(path) ?? [];
  const tags = TAGS.find(([own, shape]) => own === method && shape.test(rest))?.[2] ?? [];
  return { collection, tags };
}
