/** Lengths of time in seconds, in the largest unit that leaves no rest. */
export const UNITS = [
  { name: 'seconds', seconds: 1 },
  { name: 'minutes', seconds: 60 },
  { name: 'hours', seconds: 3600 },
  { name: 'days', seconds: 86_400 },
] as const;
export type Unit = (typeof UNITS)[number]['name'];

export function unitOf(seconds: number): Unit {
  if (seconds === 0) return 'seconds';
  return UNITS.findLast((unit) => seconds % unit.seconds === 0)?.name ?? 'seconds';
}

export function secondsIn(unit: Unit): number {
  return UNITS.find((one) => one.name === unit)?.seconds ?? 1;
}
