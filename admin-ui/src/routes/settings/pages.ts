import type { Component } from 'svelte';

/** The pages of the settings, in the order of their menu. */
export const settingsPages = {
  app: () => import('./Application.svelte'),
  mail: () => import('./Mail.svelte'),
  storage: () => import('./storage/Storage.svelte'),
  backups: () => import('./storage/Backups.svelte'),
  limits: () => import('./limits/Limits.svelte'),
  account: () => import('./account/Account.svelte'),
  dashboard: () => import('./Dashboard.svelte'),
  about: () => import('./About.svelte'),
} satisfies Record<string, () => Promise<{ default: Component }>>;

export type SettingsPageName = keyof typeof settingsPages;
