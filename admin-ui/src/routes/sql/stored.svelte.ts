// What this browser keeps of the SQL page: the text, queries with names, and what was run.

export interface SavedQuery {
  id: string;
  name: string;
  text: string;
}

interface Stored {
  version: 1;
  text: string;
  saved: SavedQuery[];
  /** The newest first. */
  history: string[];
}

const KEY = 'greenroom_sql';
const MAX_HISTORY = 200;
const MAX_SAVED = 100;

function read(): Stored {
  const none: Stored = { version: 1, text: '', saved: [], history: [] };
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (typeof stored !== 'object' || stored === null) return none;
    const { text, saved, history } = stored as Partial<Stored>;
    return {
      version: 1,
      text: typeof text === 'string' ? text : '',
      saved: Array.isArray(saved) ? saved : [],
      history: Array.isArray(history) ? history.filter((one) => typeof one === 'string') : [],
    };
  } catch {
    return none;
  }
}

class StoredQueries {
  #stored = $state.raw<Stored>(read());

  get text(): string {
    return this.#stored.text;
  }
  set text(text: string) {
    this.#write({ ...this.#stored, text });
  }

  get saved(): readonly SavedQuery[] {
    return this.#stored.saved;
  }
  get history(): readonly string[] {
    return this.#stored.history;
  }

  byId(id: string): SavedQuery | undefined {
    return this.#stored.saved.find((one) => one.id === id);
  }

  /** A query of the same name makes way. Gives back its id. */
  save(name: string, text: string): string {
    const others = this.#stored.saved.filter((one) => one.name !== name);
    const id = this.#stored.saved.find((one) => one.name === name)?.id ?? newId();
    const saved = [...others, { id, name, text }].sort((a, b) => a.name.localeCompare(b.name));
    this.#write({ ...this.#stored, saved: saved.slice(0, MAX_SAVED) });
    return id;
  }

  /** Gives back what brings it again. */
  remove(id: string): () => void {
    const { saved } = this.#stored;
    this.#write({ ...this.#stored, saved: saved.filter((one) => one.id !== id) });
    return () => this.#write({ ...this.#stored, saved });
  }

  remember(statement: string): void {
    const others = this.#stored.history.filter((one) => one !== statement);
    this.#write({ ...this.#stored, history: [statement, ...others].slice(0, MAX_HISTORY) });
  }

  forget(): void {
    this.#write({ ...this.#stored, history: [] });
  }

  #write(stored: Stored): void {
    this.#stored = stored;
    try {
      localStorage.setItem(KEY, JSON.stringify(stored));
    } catch {
      // Storage may be full or blocked: all of it then lasts until the page is closed.
    }
  }
}

function newId(): string {
  return Math.random().toString(36).slice(2, 10);
}

export const stored = new StoredQueries();
