/** A running timer, to be stopped by {@link stopTimer}. */
export interface Timer {
  ref(): unknown;
  unref(): unknown;
}

/** Milliseconds on the monotonic clock. */
export function now(): number {
  return performance.now();
}

/** Calls `fire` once after `delay` milliseconds; `keepAlive` says whether the timer keeps the process alive. */
export function startTimer(delay: number, keepAlive: boolean, fire: () => void): Timer {
  const timer = setTimeout(fire, delay);
  if (!keepAlive) timer.unref();
  return timer;
}

/** Stops a timer; stopping it twice, or after it fired, does nothing. */
export function stopTimer(timer: Timer | undefined): void {
  clearTimeout(timer as NodeJS.Timeout | undefined);
}

/** A moment on the monotonic clock in milliseconds since 1970: for display, not for arithmetic. */
export function toTimestamp(moment: number): number {
  return performance.timeOrigin + moment;
}

/** A moment on the monotonic clock as a text such as `2026-11-27T03:00:12.071Z`. */
export function formatMoment(moment: number): string {
  return new Date(toTimestamp(moment)).toISOString();
}

/** The time of day in milliseconds since 1970, which may be set: for what ends by the calendar, such as a certificate. */
export function timeOfDay(): number {
  return Date.now();
}

/** The time of day that a text names; NaN where it names none. */
export function parseTimeOfDay(text: string): number {
  return Date.parse(text);
}

/** A time of day, as text in UTC. */
export function formatTimeOfDay(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
