/** Formats milliseconds for people. */
export function formatDuration(duration: number): string {
  if (duration < 9.95) return `${duration.toFixed(1)} ms`;
  if (duration < 999.5) return `${Math.round(duration)} ms`;
  const seconds = Math.round(duration / 1_000);
  return seconds < 60
    ? `${(duration / 1_000).toFixed(2)} s`
    : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A number with its noun. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
