import type { Finding } from '../../api/checks';
import type { Settings } from '../../api/settings';
import { homeStrings } from '../../strings/home';
import { limitStrings } from '../../strings/limits';
import { settingsStrings } from '../../strings/settings';
import { storageStrings } from '../../strings/storage';
import type { RuleKey } from '../data/rules/choice';
import { addressOf } from '../data/address';

const words = homeStrings.found;

/** What can be told from the settings and the rules alone, for servers that do not tell. */
export function findingsOf(
  settings: Settings,
  risky: readonly { collection: string; key: RuleKey }[],
): Finding[] {
  const found: Finding[] = risky.map(({ collection, key }) => ({
    id: 'public_write',
    level: 'warning',
    ...told(words.publicWrite(collection)),
    collection,
    field: key,
  }));
  const add = (id: string, level: Finding['level'], text: string[], part: string) =>
    found.push({ id, level, ...told(text), settings: part });
  if (!settings.smtp.enabled) add('smtp_off', 'warning', words.smtp, 'smtp');
  if (!settings.backups.cron) add('backups_off', 'warning', words.backups, 'backups');
  if (!settings.rateLimits.enabled) add('rate_limits_off', 'warning', words.rates, 'rateLimits');
  if (/^http:/i.test(settings.meta.appURL) && !isLocal(settings.meta.appURL)) {
    add('app_url_plain', 'warning', words.http, 'meta');
  }
  if (!settings.batch.enabled) add('batch_off', 'note', words.batch, 'batch');
  return found;
}

const told = ([what = '', why = '']: readonly string[]) => ({ what, why });

function isLocal(url: string): boolean {
  return /^https?:\/\/(localhost|127\.|\[::1\])/i.test(url);
}

const SETTINGS: Record<string, [page: string, card: string, field: string]> = {
  smtp: ['mail', settingsStrings.smtp.title, settingsStrings.smtp.use],
  meta: ['app', settingsStrings.app.title, settingsStrings.app.url],
  backups: ['backups', storageStrings.schedule.title, storageStrings.schedule.when],
  s3: ['storage', storageStrings.files.title, storageStrings.files.use],
  rateLimits: ['limits', limitStrings.rates.title, limitStrings.rates.use],
  batch: ['limits', limitStrings.batch.title, limitStrings.batch.use],
  trustedProxy: ['limits', limitStrings.proxy.title, limitStrings.proxy.headers],
  superuserIPs: ['limits', limitStrings.superusers.title, limitStrings.superusers.ips],
};

export interface Way {
  href: string;
  label: string;
}

/** Where a finding is mended; undefined for what is not mended in the dashboard. */
export function wayTo({ id, collection, field, settings }: Finding): Way | undefined {
  const labels = homeStrings.attention;
  const setting = SETTINGS[settings ?? ''];
  // Of the names in the settings there are two: of the app, and of the sender.
  if (id.startsWith('sender')) return { href: '#/settings/mail', label: labels.toSettings };
  if (setting) {
    const [page, card, box] = setting;
    const query = new URLSearchParams({ card, field: box }).toString();
    return { href: `#/settings/${page}?${query}`, label: labels.toSettings };
  }
  if (!collection) return undefined;
  if (/mfa|superuser/i.test(id)) return { href: '#/settings/account', label: labels.toAccount };
  if (field?.endsWith('Rule')) {
    return { href: `${addressOf(collection, 'rules')}?rule=${field}`, label: labels.toRule };
  }
  return { href: addressOf(collection, 'schema'), label: labels.toSchema };
}

/** Servers write them to be read after a dash; here they stand alone. */
export function asSentence(text: string): string {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
