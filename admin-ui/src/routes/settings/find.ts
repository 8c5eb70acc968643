import { limitStrings } from '../../strings/limits';
import { settingsStrings } from '../../strings/settings';
import { storageStrings } from '../../strings/storage';
import type { SettingsPageName } from './pages';

/** One setting that can be searched for. */
export interface Setting {
  page: SettingsPageName;
  /** The words beside its box. */
  label: string;
  /** The words of the card it lies in. */
  card: string;
  /** The switch without which it is not shown. */
  behind?: string;
}

function card(
  page: SettingsPageName,
  title: string,
  labels: readonly string[],
  behind?: string,
): Setting[] {
  return labels.map((label) => ({
    page,
    card: title,
    label,
    ...(behind && label !== behind && { behind }),
  }));
}

const { app, sender, smtp, test, dashboard } = settingsStrings;
const { files, backups, schedule } = storageStrings;
const { rates, batch, proxy, superusers } = limitStrings;
const s3 = storageStrings;
const bucket = [s3.endpoint, s3.bucket, s3.region, s3.accessKey, s3.secret, s3.pathStyle];

export const settings: readonly Setting[] = [
  ...card('app', app.title, [app.name, app.url]),
  ...card('mail', sender.title, [sender.name, sender.address]),
  ...card(
    'mail',
    smtp.title,
    [smtp.use, smtp.host, smtp.port, smtp.username, smtp.password, smtp.tls],
    smtp.use,
  ),
  ...card('mail', test.title, [test.to]),
  ...card('storage', files.title, [files.use, ...bucket], files.use),
  ...card('storage', backups.title, [backups.use, ...bucket], backups.use),
  ...card('backups', schedule.title, [schedule.when, schedule.keep]),
  ...card('limits', rates.title, [rates.use, rates.excluded, rates.path], rates.use),
  ...card('limits', batch.title, [batch.use, batch.most, batch.timeout, batch.body], batch.use),
  ...card('limits', proxy.title, [proxy.headers, proxy.leftmost]),
  ...card('limits', superusers.title, [superusers.ips]),
  ...card('dashboard', dashboard.appearance, [dashboard.appearance]),
];

/** Those in whose words all words of the text begin somewhere, the best first. */
export function findSettings(text: string): Setting[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [];
  const rank = ({ label }: Setting) => (label.toLowerCase().startsWith(wanted[0] ?? '') ? 0 : 1);
  return settings
    .filter((one) => {
      const words = `${settingsStrings.pages[one.page]} ${one.card} ${one.label}`.toLowerCase();
      return wanted.every((word) => words.includes(word));
    })
    .sort((a, b) => rank(a) - rank(b));
}

export function addressOfSetting({ page, card: title, label }: Setting): string {
  return `/settings/${page}?${new URLSearchParams({ card: title, field: label }).toString()}`;
}

/** Puts the focus on the box of a setting, or on the switch that would show it. */
export function focusSetting(page: HTMLElement, title: string, label: string): boolean {
  const section = [...page.querySelectorAll('section')].find(
    (one) => one.querySelector('h2')?.textContent.trim() === title,
  );
  if (!section) return false;
  const behind = settings.find((one) => one.card === title && one.label === label)?.behind;
  for (const words of [label, behind]) {
    const found = [...section.querySelectorAll('label')].find(
      (one) => words !== undefined && one.textContent.trim() === words,
    );
    const box = found?.control;
    if (!box) continue;
    box.closest('details')?.setAttribute('open', '');
    box.scrollIntoView({ block: 'center' });
    box.focus();
    return true;
  }
  section.scrollIntoView({ block: 'start' });
  const first = section.querySelector<HTMLElement>('input, select, textarea, button');
  first?.focus();
  return true;
}
