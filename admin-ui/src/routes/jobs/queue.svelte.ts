// The durable queue, by what one wants to know of it.
import { toFailure, type Failure } from '../../api/errors';
import { listJobs, type Job, type JobState } from '../../api/jobs';

export type QueueTab = 'open' | 'dead' | 'done';

const STATES: Record<QueueTab, JobState[]> = {
  open: ['running', 'queued', 'waiting'],
  dead: ['dead'],
  done: ['done'],
};
const PER_PAGE = 50;

export class Queue {
  jobs = $state.raw<Job[] | null>(null);
  total = $state(0);
  failure = $state.raw<Failure | null>(null);
  #shown = PER_PAGE;

  constructor(readonly tab: QueueTab) {}

  /** No such queue on this server. */
  readonly missing = $derived.by(() => this.failure?.status === 404);

  async load(): Promise<void> {
    try {
      const pages = await Promise.all(
        STATES[this.tab].map((state) => listJobs(state, 1, this.#shown)),
      );
      this.jobs = pages.flatMap((page) => page.items);
      this.total = pages.reduce((sum, page) => sum + page.totalItems, 0);
      this.failure = null;
    } catch (error) {
      this.failure = toFailure(error);
    }
  }

  more(): Promise<void> {
    this.#shown += PER_PAGE;
    return this.load();
  }
}
