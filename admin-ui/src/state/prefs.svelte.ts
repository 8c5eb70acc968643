const KEY = 'greenroom_prefs';

export type Theme = 'system' | 'light' | 'dark';

interface Stored {
  version: 1;
  theme: Theme;
  panelHidden: boolean;
}

/** Choices of this browser. `public/theme.js` reads the theme from the same place. */
class Prefs {
  #stored = $state.raw<Stored>(read());

  get theme(): Theme {
    return this.#stored.theme;
  }
  set theme(theme: Theme) {
    this.#write({ ...this.#stored, theme });
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }

  get panelHidden(): boolean {
    return this.#stored.panelHidden;
  }
  set panelHidden(panelHidden: boolean) {
    this.#write({ ...this.#stored, panelHidden });
  }

  #write(stored: Stored): void {
    this.#stored = stored;
    try {
      localStorage.setItem(KEY, JSON.stringify(stored));
    } catch {
      // Storage may be full or blocked: the choice then lasts until the page is closed.
    }
  }
}

function read(): Stored {
  const standard: Stored = { version: 1, theme: 'system', panelHidden: false };
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (typeof stored !== 'object' || stored === null) return standard;
    return { ...standard, ...stored, version: 1 };
  } catch {
    return standard;
  }
}

export const prefs = new Prefs();
