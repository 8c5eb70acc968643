/** Schedules of five fields (minute, hour, day, month, weekday) as the server reads them: in UTC. */

const MACROS: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const LIMITS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const;

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

type Schedule = Set<number>[];

function fieldsOf(expression: string): string[] {
  const trimmed = expression.trim();
  return (MACROS[trimmed] ?? trimmed).split(/\s+/);
}

/** Null for what is no schedule. */
function parse(expression: string): Schedule | null {
  const fields = fieldsOf(expression);
  if (fields.length !== LIMITS.length) return null;
  const schedule: Schedule = [];
  for (const [at, [low, high]] of LIMITS.entries()) {
    const values = valuesOf(fields[at] ?? '', low, high);
    if (!values) return null;
    schedule.push(values);
  }
  return schedule;
}

function valuesOf(field: string, low: number, high: number): Set<number> | null {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (!match) return null;
    const [, first, last, step] = match;
    const from = first === undefined ? low : Number(first);
    const isOne = first !== undefined && last === undefined && step === undefined;
    const to = isOne ? from : last === undefined ? high : Number(last);
    const by = step === undefined ? 1 : Number(step);
    if (from < low || to > high || from > to || by < 1) return null;
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return values;
}

export function isCron(expression: string): boolean {
  return parse(expression) !== null;
}

const MINUTE = 60_000;
/** Long enough for the 29th of February. */
const MOST_DAYS = 9 * 366;

/** The next times it is due, the first one after `from`. */
export function nextRuns(expression: string, from: Date, count: number): Date[] {
  const schedule = parse(expression);
  if (!schedule) return [];
  const [minutes, hours, days, months, weekdays] = schedule as [
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
  ];
  const first = Math.floor(from.getTime() / MINUTE) * MINUTE + MINUTE;
  const day = new Date(first);
  day.setUTCHours(0, 0, 0, 0);
  const found: Date[] = [];
  for (let at = 0; at < MOST_DAYS && found.length < count; at += 1) {
    const isDay =
      days.has(day.getUTCDate()) &&
      months.has(day.getUTCMonth() + 1) &&
      weekdays.has(day.getUTCDay());
    for (const hour of isDay ? [...hours].sort((a, b) => a - b) : []) {
      for (const minute of [...minutes].sort((a, b) => a - b)) {
        const time = day.getTime() + (hour * 60 + minute) * MINUTE;
        if (time >= first && found.length < count) found.push(new Date(time));
      }
    }
    day.setUTCDate(day.getUTCDate() + 1);
  }
  return found;
}

const two = (value: string) => value.padStart(2, '0');

/** The usual schedules in words; empty for the others. */
export function cronInWords(expression: string): string {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fieldsOf(expression);
  if (!isCron(expression) || month !== '*') return '';
  const isNumber = (text: string) => /^\d+$/.test(text);
  const isEveryDay = day === '*' && weekday === '*';
  const every = /^\*\/(\d+)$/.exec(minute)?.[1];
  if (isEveryDay && hour === '*') {
    if (minute === '*') return 'every minute';
    if (every) return `every ${every} minutes`;
    return isNumber(minute) ? `every hour at :${two(minute)}` : '';
  }
  if (!isNumber(minute)) return '';
  const hours = /^\*\/(\d+)$/.exec(hour)?.[1];
  if (isEveryDay && hours) return `every ${hours} hours at :${two(minute)}`;
  if (!isNumber(hour)) return '';
  const time = `at ${two(hour)}:${two(minute)} UTC`;
  if (isEveryDay) return `every day ${time}`;
  if (day === '*' && isNumber(weekday)) return `every ${WEEKDAYS[Number(weekday)] ?? ''} ${time}`;
  return weekday === '*' && isNumber(day) ? `on day ${day} of every month ${time}` : '';
}
