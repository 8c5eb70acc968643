// What the palette can lead to, and which of it a text means.
import { collections } from '../state/collections.svelte';
import { recent } from '../state/recent.svelte';
import { strings } from '../strings';
import { paletteStrings as words } from '../strings/palette';
import { settingsStrings } from '../strings/settings';
import { addressOf, tabsOf } from '../routes/data/address';
import { addressOfSetting, settings } from '../routes/settings/find';
import { destinations } from './destinations';
import { GO_KEYS } from './go-keys';

export interface Place {
  /** What is searched and shown. */
  name: string;
  note: string;
  /** Without its number sign. */
  path: string;
  /** Two keys that lead there from everywhere. */
  keys?: string;
}

function keysOf(path: string): { keys?: string } {
  const key = Object.keys(GO_KEYS).find((one) => GO_KEYS[one] === path);
  return key ? { keys: `G ${key.toUpperCase()}` } : {};
}

export function allPlaces(): Place[] {
  const pages = destinations().map(({ path, name }) => ({ path, name, note: words.page }));
  const more = [
    { path: '/backups', name: words.backups, note: words.page },
    { path: '/logs?range=1h&status=errors', name: words.errorsHour, note: strings.shell.logs },
    { path: '/schema/export', name: words.schemaExport, note: strings.shell.schema },
    { path: '/schema/import', name: words.schemaImport, note: strings.shell.schema },
    ...Object.entries(settingsStrings.pages).map(([page, name]) => ({
      path: `/settings/${page}`,
      name,
      note: strings.shell.settings,
    })),
    { path: '/jobs?tab=dead', name: words.givenUp, note: strings.shell.jobs },
  ];
  const data = [...collections.own, ...collections.system].flatMap((collection) =>
    tabsOf(collection).map((tab) => ({
      path: addressOf(collection.name, tab).slice(1),
      name: tab === 'records' ? collection.name : `${collection.name} ${tab}`,
      note: tab === 'records' ? words.collection : strings.collections.tabs[tab],
    })),
  );
  const fields = settings.map((setting) => ({
    path: addressOfSetting(setting),
    name: `${setting.card}: ${setting.label}`,
    note: words.setting(settingsStrings.pages[setting.page]),
  }));
  return [...pages, ...more, ...data, ...fields].map((one) => ({ ...one, ...keysOf(one.path) }));
}

/** Before anything is typed: where one was, then the pages. */
export function firstPlaces(): Place[] {
  const before = recent.all.map(({ href, name, note }) => ({
    path: href.replace(/^#/, ''),
    name: note ? `${name} · ${note}` : name,
    note: words.recent,
  }));
  const pages = destinations().map(({ path, name }) => ({
    path,
    name,
    note: words.page,
    ...keysOf(path),
  }));
  return [...before, ...pages];
}

/** How well a text means a name; null when it does not. The smaller the better. */
export function distance(text: string, name: string): number | null {
  const [wanted, whole] = [text.toLowerCase().trim(), name.toLowerCase()];
  if (wanted === '') return null;
  if (whole === wanted) return 0;
  if (whole.startsWith(wanted)) return 1 + whole.length / 1000;
  const at = whole.indexOf(wanted);
  if (at > 0) return (/\W|_/.test(whole.charAt(at - 1)) ? 2 : 3) + whole.length / 1000;
  const words = wanted.split(/\s+/);
  if (words.length > 1 && words.every((word) => whole.includes(word))) return 4;
  // Letters in their order: `pst` means posts.
  let from = 0;
  let gaps = 0;
  for (const letter of wanted.replaceAll(' ', '')) {
    const next = whole.indexOf(letter, from);
    if (next === -1) return null;
    gaps += next - from;
    from = next + 1;
  }
  return gaps > wanted.length * 2 ? null : 5 + gaps / 100 + whole.length / 10_000;
}

const MAX_FOUND = 12;

export function findPlaces(text: string, places: readonly Place[]): Place[] {
  return places
    .map((place) => ({ place, away: distance(text, place.name) }))
    .filter((one): one is { place: Place; away: number } => one.away !== null)
    .sort((a, b) => a.away - b.away)
    .slice(0, MAX_FOUND)
    .map(({ place }) => place);
}

/** Ids are these 15 characters unless somebody says otherwise. */
export function isRecordId(text: string): boolean {
  return /^[a-z0-9]{15}$/.test(text.trim());
}
