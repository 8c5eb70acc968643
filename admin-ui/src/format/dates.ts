// Dates as the wire writes them (`2026-03-14 12:20:00.000Z`) and as people read them.

const WIRE = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.(\d{1,3})\d*)?Z?$/;

export function parseWireDate(wire: string): Date | null {
  const match = WIRE.exec(wire);
  if (!match) return null;
  const [, day = '', time = '', fraction = '0'] = match;
  const date = new Date(`${day}T${time}.${fraction.padEnd(3, '0')}Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}

export function toWireDate(date: Date): string {
  return date.toISOString().replace('T', ' ');
}

const two = (value: number): string => String(value).padStart(2, '0');

function localDay(date: Date): string {
  const year = String(date.getFullYear()).padStart(4, '0');
  return `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Local time to the minute: fits a cell, sorts by eye. */
export function formatDate(wire: string): string {
  const date = parseWireDate(wire);
  if (!date) return wire;
  return `${localDay(date)} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Local time to the millisecond, in parts that differ in weight. */
export function formatMoment(wire: string): { day: string; time: string; fraction: string } {
  const date = parseWireDate(wire);
  if (!date) return { day: '', time: wire, fraction: '' };
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  const fraction = `.${String(date.getMilliseconds()).padStart(3, '0')}`;
  return { day: localDay(date), time, fraction };
}

/** What a `datetime-local` input takes: local time to the second. */
export function toInputDate(wire: string): string {
  const date = parseWireDate(wire);
  if (!date) return '';
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${localDay(date)}T${time}`;
}

/** Back from a `datetime-local` input; nothing typed is no date. */
export function fromInputDate(input: string): string {
  if (input === '') return '';
  const date = new Date(input);
  return Number.isNaN(date.getTime()) ? '' : toWireDate(date);
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

export function formatAgo(wire: string, now: Date): string {
  const date = parseWireDate(wire);
  if (!date) return wire;
  const seconds = (date.getTime() - now.getTime()) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return 'just now';
}
