// Sizes in bytes, in steps of 1024 as the limits of fields are set.

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

export function formatBytes(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** step;
  const shown = step === 0 || value >= 100 ? Math.round(value) : Math.round(value * 10) / 10;
  return `${String(shown)} ${UNITS[step] ?? ''}`;
}
