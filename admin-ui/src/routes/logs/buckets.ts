// The bars of the chart: equal stretches of time, with how many entries of each kind fell in.

export const KINDS = ['ok', 'client', 'server', 'other'] as const;
export type Kind = (typeof KINDS)[number];

export interface Buckets {
  /** Milliseconds since 1970 of the first bar's start. */
  start: number;
  /** Milliseconds of one bar. */
  step: number;
  counts: Record<Kind, number[]>;
  /** Milliseconds that half and that 95 % of the requests took at most; null where none ran. */
  p50: (number | null)[];
  p95: (number | null)[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  SECOND,
  5 * SECOND,
  15 * SECOND,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  HOUR,
  3 * HOUR,
  12 * HOUR,
  24 * HOUR,
];
const MAX_BARS = 100;

/** The finest step that is not too many bars. Hours are the finest that the plain counts have. */
export function stepFor(from: number, to: number, atLeast = SECOND): number {
  const fits = (step: number) => step >= atLeast && (to - from) / step <= MAX_BARS;
  return STEPS.find(fits) ?? 24 * HOUR * Math.ceil((to - from) / (24 * HOUR * MAX_BARS));
}

export function emptyBuckets(from: number, to: number, atLeast?: number): Buckets {
  const step = stepFor(from, to, atLeast);
  const start = Math.floor(from / step) * step;
  const length = Math.max(1, Math.ceil((to - start) / step));
  const zeros = () => new Array<number>(length).fill(0);
  const nulls = () => new Array<number | null>(length).fill(null);
  return {
    start,
    step,
    counts: { ok: zeros(), client: zeros(), server: zeros(), other: zeros() },
    p50: nulls(),
    p95: nulls(),
  };
}

export function kindOf(status: unknown): Kind {
  if (typeof status !== 'number') return 'other';
  if (status >= 500) return 'server';
  return status >= 400 ? 'client' : 'ok';
}

export function indexOf(buckets: Buckets, time: number): number | null {
  const at = Math.floor((time - buckets.start) / buckets.step);
  return at >= 0 && at < buckets.p50.length ? at : null;
}

export function add(buckets: Buckets, kind: Kind, time: number, count: number): void {
  const at = indexOf(buckets, time);
  if (at !== null) buckets.counts[kind][at] = (buckets.counts[kind][at] ?? 0) + count;
}

/** The value that this share of the sorted values does not pass; null of none. */
export function percentile(sorted: readonly number[], share: number): number | null {
  if (sorted.length === 0) return null;
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? null;
}

export interface Timed {
  time: number;
  status: unknown;
  took: unknown;
}

/** From the entries themselves, as long as they are few. */
export function fill(buckets: Buckets, entries: readonly Timed[]): void {
  const times = buckets.p50.map((): number[] => []);
  for (const { time, status, took } of entries) {
    add(buckets, kindOf(status), time, 1);
    const at = indexOf(buckets, time);
    if (at !== null && typeof took === 'number') times[at]?.push(took);
  }
  for (const [at, all] of times.entries()) {
    all.sort((a, b) => a - b);
    buckets.p50[at] = percentile(all, 0.5);
    buckets.p95[at] = percentile(all, 0.95);
  }
}

export function totalOf(buckets: Buckets, kind: Kind): number {
  return buckets.counts[kind].reduce((sum, count) => sum + count, 0);
}
