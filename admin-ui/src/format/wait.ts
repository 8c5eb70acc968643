/** A time to wait, in words: "in 5 seconds", "in 2 minutes". */
export function formatWait(seconds: number): string {
  if (seconds <= 90) return `in ${String(seconds)} ${seconds === 1 ? 'second' : 'seconds'}`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes <= 90) return `in ${String(minutes)} minutes`;
  return `in ${String(Math.ceil(minutes / 60))} hours`;
}
