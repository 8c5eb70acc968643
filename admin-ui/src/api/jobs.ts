import { pb } from './client';

export interface Cron {
  id: string;
  expression: string;
}

export function listCrons(): Promise<Cron[]> {
  return pb.crons.getFullList() as Promise<Cron[]>;
}

export async function runCron(id: string): Promise<void> {
  await pb.crons.run(id);
}

export const JOB_STATES = ['running', 'queued', 'waiting', 'dead', 'done'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Work of the durable queue. Ours: other servers answer 404. */
export interface Job {
  id: number;
  kind: string;
  state: JobState;
  key: string;
  attempts: number;
  maxAttempts: number;
  /** Wire dates; empty when it has not come to that. */
  runAt: string;
  created: string;
  started: string;
  finished: string;
  lastError: string;
}

export interface JobPage {
  items: Job[];
  totalItems: number;
}

const PATH = '/api/gr/jobs';

export function listJobs(state: JobState, page: number, perPage: number): Promise<JobPage> {
  return pb.send<JobPage>(PATH, { query: { state, page, perPage } });
}

export async function retryJob(id: number): Promise<void> {
  await pb.send(`${PATH}/${String(id)}/retry`, { method: 'POST' });
}

export async function discardJob(id: number): Promise<void> {
  await pb.send(`${PATH}/${String(id)}`, { method: 'DELETE' });
}
