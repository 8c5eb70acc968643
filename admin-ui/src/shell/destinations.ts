// Where the rail, the keys and the palette lead.
import House from '@lucide/svelte/icons/house';
import Clock from '@lucide/svelte/icons/clock';
import Inbox from '@lucide/svelte/icons/inbox';
import Logs from '@lucide/svelte/icons/logs';
import Settings from '@lucide/svelte/icons/settings';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import Table from '@lucide/svelte/icons/table-2';
import Workflow from '@lucide/svelte/icons/workflow';
import Terminal from '@lucide/svelte/icons/square-terminal';
import type { Component } from 'svelte';
import { mails } from '../state/mails.svelte';
import { strings } from '../strings';

export interface Destination {
  path: string;
  name: string;
  icon: Component;
  /** Other paths that belong to it. */
  also?: readonly string[];
  /** Goes under "More" where the screen is narrow. */
  rare?: boolean;
}

/** In the order of the rail. */
export function destinations(): Destination[] {
  const words = strings.shell;
  return [
    { path: '/', name: words.home, icon: House },
    { path: '/data', name: words.data, icon: Table },
    { path: '/schema', name: words.schema, icon: Workflow, rare: true },
    { path: '/rules', name: words.rules, icon: ShieldCheck, rare: true },
    { path: '/sql', name: words.sql, icon: Terminal, rare: true },
    { path: '/logs', name: words.logs, icon: Logs },
    { path: '/jobs', name: words.jobs, icon: Clock, also: ['/backups'] },
    // Only where mails are shown instead of sent.
    ...(mails.enabled ? [{ path: '/mails', name: words.mails, icon: Inbox, rare: true }] : []),
    { path: '/settings', name: words.settings, icon: Settings, rare: true },
  ];
}

export function isAt(to: Destination, path: string): boolean {
  if (to.path === '/') return path === '/';
  return [to.path, ...(to.also ?? [])].some((one) => path === one || path.startsWith(`${one}/`));
}
