const KEY = 'greenroom_recent';
const MOST = 5;

export interface Visit {
  /** With its number sign. */
  href: string;
  name: string;
  /** Which tab, or what kind of thing. */
  note: string;
}

/** What was opened last in this browser, the newest first. */
class Recent {
  all = $state.raw<readonly Visit[]>(read());

  note(visit: Visit): void {
    if (this.all[0]?.href === visit.href) return;
    this.all = [visit, ...this.all.filter(({ href }) => href !== visit.href)].slice(0, MOST);
    try {
      localStorage.setItem(KEY, JSON.stringify(this.all));
    } catch {
      // Storage may be full or blocked: the list then lasts until the page is closed.
    }
  }
}

function read(): Visit[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? (stored as Visit[]).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export const recent = new Recent();
