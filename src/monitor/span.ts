// Of the page as well: no import.

/** A length of time for people, such as `1.1 s` or `3 min`. */
export function formatSpan(milliseconds: number): string {
  if (milliseconds > 0 && milliseconds < 0.5) return '< 1 ms';
  if (milliseconds < 1_000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A number of things, such as `1 server` or `2 servers`. */
export function formatCount(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
