const SHOWN_MS = 6000;

export interface Toast {
  id: number;
  text: string;
  tone: 'ok' | 'danger';
  action?: { label: string; run: () => void };
}

/** Short confirmations. Never the only place where a failure is told. */
class Toasts {
  all = $state.raw<Toast[]>([]);
  #next = 1;
  #held = false;
  #due = new Set<number>();

  ok(text: string, action?: Toast['action']): void {
    this.#add({ id: this.#next++, text, tone: 'ok', ...(action && { action }) });
  }

  danger(text: string): void {
    this.#add({ id: this.#next++, text, tone: 'danger' });
  }

  close = (id: number): void => {
    this.#due.delete(id);
    this.all = this.all.filter((toast) => toast.id !== id);
  };

  /** What could be undone a moment ago cannot any more. */
  dropActions(): void {
    this.all = this.all.filter((toast) => !toast.action);
  }

  hold = (held: boolean): void => {
    this.#held = held;
    if (!held) for (const id of [...this.#due]) this.close(id);
  };

  #add(toast: Toast): void {
    this.all = [...this.all.slice(-2), toast];
    setTimeout(() => {
      if (this.#held) this.#due.add(toast.id);
      else this.close(toast.id);
    }, SHOWN_MS);
  }
}

export const toasts = new Toasts();
