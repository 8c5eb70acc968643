// The way of a restore, from the safety copy to the server being back.
import { createBackup, isServerUp, restoreBackup } from '../../api/backups';

export const STEPS = ['safety', 'asked', 'down', 'up'] as const;
export type StepName = (typeof STEPS)[number];
export type StepState = 'waiting' | 'running' | 'done' | 'failed';

export interface Ways {
  createBackup: (name: string) => Promise<void>;
  restoreBackup: (key: string) => Promise<void>;
  isServerUp: () => Promise<boolean>;
  wait: (ms: number) => Promise<void>;
  now: () => number;
}

const REAL: Ways = {
  createBackup,
  restoreBackup,
  isServerUp,
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  now: () => Date.now(),
};

const LOOK_MS = 250;
/** The server begins about a second after its answer; one that is quick may be back unseen. */
const GONE_WITHIN_MS = 8000;
const BACK_WITHIN_MS = 120_000;

export class Restore {
  steps = $state<Record<StepName, StepState>>(fresh());
  status = $state<'idle' | 'running' | 'done' | 'late' | 'failed'>('idle');
  /** What went wrong, in the words of whoever said it. */
  message = $state('');

  constructor(private readonly ways: Ways = REAL) {}

  /** `safetyName` is the name of the copy to make first; empty makes none. */
  async run(key: string, safetyName: string): Promise<void> {
    this.steps = fresh();
    this.status = 'running';
    this.message = '';
    try {
      if (safetyName) await this.#step('safety', () => this.ways.createBackup(safetyName));
      await this.#step('asked', () => this.ways.restoreBackup(key));
      await this.#step('down', () => this.#until(false, GONE_WITHIN_MS));
      const isBack = await this.#step('up', () => this.#until(true, BACK_WITHIN_MS));
      this.status = isBack ? 'done' : 'late';
      if (!isBack) this.steps.up = 'failed';
    } catch (error) {
      this.message = error instanceof Error ? error.message : String(error);
      this.status = 'failed';
    }
  }

  async #step<T>(name: StepName, work: () => Promise<T>): Promise<T> {
    this.steps[name] = 'running';
    try {
      const result = await work();
      this.steps[name] = 'done';
      return result;
    } catch (error) {
      this.steps[name] = 'failed';
      throw error;
    }
  }

  /** Looks until the server is there, or gone; false when that took too long. */
  async #until(up: boolean, within: number): Promise<boolean> {
    const end = this.ways.now() + within;
    while (this.ways.now() < end) {
      if ((await this.ways.isServerUp()) === up) return true;
      await this.ways.wait(LOOK_MS);
    }
    return false;
  }
}

function fresh(): Record<StepName, StepState> {
  return { safety: 'waiting', asked: 'waiting', down: 'waiting', up: 'waiting' };
}

/** For names of files: `20260314_122000`, in UTC. */
export function stampOf(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll('-', '').replaceAll(':', '').replace('T', '_');
}
