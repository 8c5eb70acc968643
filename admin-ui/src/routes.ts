import type { Component } from 'svelte';
import type { RouteDefinition } from 'svelte-spa-router';
import { wrap } from 'svelte-spa-router/wrap';
import LoadFailed from './routes/missing/LoadFailed.svelte';

type Page = { default: Component<{ params: Record<string, string | null> }> };

/** A page in its own chunk. When the chunk cannot be had, the page says so. */
function page(load: () => Promise<unknown>) {
  const loadOrSay = () =>
    (load() as Promise<Page>).catch(() => ({ default: LoadFailed }) as unknown as Page);
  return wrap({ asyncComponent: loadOrSay as never });
}

/** Pages without a session; small, because they are somebody's first. */
export const publicPages: RouteDefinition = {
  '/login': page(() => import('./routes/login/Login.svelte')),
  '/request-password-reset': page(() => import('./routes/login/ForgotPassword.svelte')),
  '/pbinstall/:token': page(() => import('./routes/welcome/Welcome.svelte')),
  '/auth/confirm-verification/:token': page(
    () => import('./routes/auth/ConfirmVerification.svelte'),
  ),
  '/auth/confirm-password-reset/:token': page(
    () => import('./routes/auth/ConfirmPasswordReset.svelte'),
  ),
  '/auth/confirm-email-change/:token': page(
    () => import('./routes/auth/ConfirmEmailChange.svelte'),
  ),
  '/auth/oauth2-redirect-success': page(() => import('./routes/auth/OAuth2Redirect.svelte')),
  '/auth/oauth2-redirect-failure': page(() => import('./routes/auth/OAuth2Redirect.svelte')),
  '/auth/*': page(() => import('./routes/auth/BrokenLink.svelte')),
};

/** THE PAGE MAP of the dashboard proper: path to page. */
export const pages: RouteDefinition = {
  '/': page(() => import('./routes/home/Home.svelte')),
  '/data/:collection?/:tab?': page(() => import('./routes/data/Data.svelte')),
  '/collections': page(() => import('./routes/data/OldLink.svelte')),
  '/logs': page(() => import('./routes/logs/Logs.svelte')),
  '/schema/:tab?': page(() => import('./routes/schema/Schema.svelte')),
  '/rules': page(() => import('./routes/rules/Matrix.svelte')),
  '/settings/export-collections': page(() => import('./routes/schema/Moved.svelte')),
  '/settings/import-collections': page(() => import('./routes/schema/Moved.svelte')),
  '/sql': page(() => import('./routes/sql/Sql.svelte')),
  '/settings/sql': page(() => import('./routes/missing/Moved.svelte')),
  '/jobs': page(() => import('./routes/jobs/Jobs.svelte')),
  '/backups': page(() => import('./routes/backups/Backups.svelte')),
  '/settings/crons': page(() => import('./routes/missing/Moved.svelte')),
  '/mails/:id?': page(() => import('./routes/mails/Mails.svelte')),
  '/settings/:page?': page(() => import('./routes/settings/Settings.svelte')),
  '*': page(() => import('./routes/missing/Missing.svelte')),
};

const PUBLIC = /^\/((login|request-password-reset|pbinstall\/[^/]+)\/?$|auth\/)/;

export function isPublic(path: string): boolean {
  return PUBLIC.test(path);
}
