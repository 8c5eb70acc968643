import { parseWireDate } from '../../format/dates';

export interface Hour {
  /** Its start. */
  at: Date;
  total: number;
  errors: number;
}

const HOUR = 3_600_000;
const COUNT = 24;

type Stats = readonly { date: string; total: number }[];

/** The last 24 hours, the present one last; the server leaves out those without requests. */
export function hoursOf(totals: Stats, errors: Stats, now: Date): Hour[] {
  const last = Math.floor(now.getTime() / HOUR) * HOUR;
  const [all, failed] = [byHour(totals), byHour(errors)];
  return Array.from({ length: COUNT }, (_, at) => {
    const start = last - (COUNT - 1 - at) * HOUR;
    return { at: new Date(start), total: all.get(start) ?? 0, errors: failed.get(start) ?? 0 };
  });
}

function byHour(stats: Stats): Map<number, number> {
  return new Map(stats.map(({ date, total }) => [parseWireDate(date)?.getTime() ?? 0, total]));
}

export function since(now: Date): Date {
  return new Date(Math.floor(now.getTime() / HOUR) * HOUR - (COUNT - 1) * HOUR);
}
