// What the chart shows, fetched in the cheapest way that the server has.
import { parseWireDate, toWireDate } from '../../format/dates';
import { toFailure } from '../../api/errors';
import { hourlyLogs, listLogs, type LogModel } from '../../api/logs';
import { logFacets, type Facets } from '../../api/log-facets';
import type { LogAddress } from './address';
import { add, emptyBuckets, fill, type Buckets, type Timed } from './buckets';
import { fullFilter, standingFilter, stretchOf } from './query';

/** Up to so many entries are fetched and counted here; beyond that the server's hours must do. */
const MAX_COUNTED = 2000;
const PER_PAGE = 1000;
const HOUR = 3_600_000;

export interface ChartData {
  buckets: Buckets;
  facets: Facets | null;
}

let hasFacets = true;

export async function chartData(
  address: LogAddress,
  now: number,
  signal: AbortSignal,
): Promise<ChartData> {
  if (hasFacets) {
    try {
      return await byServer(address, now, signal);
    } catch (error) {
      if (toFailure(error).status !== 404) throw error;
      // A server without them, as PocketBase: the plain calls have to do.
      hasFacets = false;
    }
  }
  return { buckets: await byHand(address, now, signal), facets: null };
}

async function byServer(address: LogAddress, now: number, signal: AbortSignal): Promise<ChartData> {
  const { from, to } = stretchOf(address, now);
  const buckets = emptyBuckets(from.getTime(), to.getTime());
  const facets = await logFacets(
    {
      filter: standingFilter(address),
      from: toWireDate(new Date(buckets.start)),
      to: toWireDate(to),
      bucketSeconds: buckets.step / 1000,
    },
    signal,
  );
  for (const bucket of facets.buckets) {
    const time = parseWireDate(bucket.date)?.getTime();
    if (time === undefined) continue;
    for (const kind of ['ok', 'client', 'server', 'other'] as const) {
      add(buckets, kind, time, bucket[kind]);
    }
    const at = Math.floor((time - buckets.start) / buckets.step);
    if (at < 0 || at >= buckets.p50.length) continue;
    [buckets.p50[at], buckets.p95[at]] = [bucket.p50, bucket.p95];
  }
  return { buckets, facets };
}

async function byHand(address: LogAddress, now: number, signal: AbortSignal): Promise<Buckets> {
  const { from, to } = stretchOf(address, now);
  const filter = fullFilter(address, now);
  const page = (number: number) =>
    listLogs({
      page: number,
      perPage: PER_PAGE,
      filter,
      fields: 'created,data.status,data.execTime',
      withTotal: number === 1,
      signal,
    });
  const first = await page(1);
  if (first.totalItems > MAX_COUNTED) return byHours(filter, from, to, signal);
  const items = [...first.items];
  for (let next = 2; items.length < first.totalItems; next += 1) {
    const more = (await page(next)).items;
    if (more.length === 0) break;
    items.push(...more);
  }
  const buckets = emptyBuckets(from.getTime(), to.getTime());
  fill(buckets, items.map(timed));
  return buckets;
}

function timed(log: LogModel): Timed {
  const time = parseWireDate(log.created)?.getTime() ?? 0;
  return { time, status: log.data['status'], took: log.data['execTime'] };
}

async function byHours(
  filter: string,
  from: Date,
  to: Date,
  signal: AbortSignal,
): Promise<Buckets> {
  const and = (more: string) => hourlyLogs(`${filter} && ${more}`, signal);
  const [all, ok, client, server] = await Promise.all([
    hourlyLogs(filter, signal),
    and('data.status > 0 && data.status < 400'),
    and('data.status >= 400 && data.status < 500'),
    and('data.status >= 500'),
  ]);
  const buckets = emptyBuckets(from.getTime(), to.getTime(), HOUR);
  const timeOf = (date: string) => parseWireDate(date)?.getTime() ?? 0;
  for (const { date, total } of all) add(buckets, 'other', timeOf(date), total);
  for (const [kind, hours] of [
    ['ok', ok],
    ['client', client],
    ['server', server],
  ] as const) {
    for (const { date, total } of hours) {
      add(buckets, kind, timeOf(date), total);
      add(buckets, 'other', timeOf(date), -total);
    }
  }
  return buckets;
}
