// Numbers and counts, grouped for reading.

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 20 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** A field's number: every digit it has. Beyond what digits can show it stays in exponents. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e21 || (size > 0 && size < 1e-6)) return String(value);
  return grouped.format(value);
}

export function formatCount(value: number): string {
  return whole.format(value);
}

/** "1 record", "5,000 records". */
export function countOf(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}
