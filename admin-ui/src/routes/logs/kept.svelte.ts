// Filters that somebody keeps in this browser.
import type { LogAddress } from './address';

export interface Kept {
  name: string;
  change: Partial<LogAddress>;
}

const KEY = 'greenroom_log_filters';
const MAX = 50;

function read(): Kept[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    if (!Array.isArray(stored)) return [];
    return (stored as unknown[]).filter(
      (one): one is Kept =>
        typeof one === 'object' &&
        one !== null &&
        'name' in one &&
        typeof one.name === 'string' &&
        'change' in one,
    );
  } catch {
    return [];
  }
}

class KeptFilters {
  #all = $state.raw<Kept[]>(read());

  get all(): readonly Kept[] {
    return this.#all;
  }

  /** One of the same name makes way. */
  keep(name: string, address: LogAddress): void {
    const change: Partial<LogAddress> = { ...address, log: '' };
    this.#write([{ name, change }, ...this.#all.filter((one) => one.name !== name)].slice(0, MAX));
  }

  /** Gives back what brings it again. */
  drop(name: string): () => void {
    const before = this.#all;
    this.#write(before.filter((one) => one.name !== name));
    return () => this.#write(before);
  }

  #write(all: Kept[]): void {
    this.#all = all;
    try {
      localStorage.setItem(KEY, JSON.stringify(all));
    } catch {
      // Storage may be full or blocked: the list then lasts until the page is closed.
    }
  }
}

export const keptFilters = new KeptFilters();
