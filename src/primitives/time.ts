/** A running timer; the only thing to do with it, besides `ref()` and `unref()`, is {@link stopTimer}. */
export type Timer = Pick<NodeJS.Timeout, 'ref' | 'unref'>;

/** Milliseconds on the monotonic clock: for intervals, never a date. */
export function now(): number {
  return performance.now();
}

/** Calls `fire` once after `delay` milliseconds; `keepAlive` says whether the program stays alive for it. */
export function startTimer(delay: number, keepAlive: boolean, fire: () => void): Timer {
  const timer = setTimeout(fire, delay);
  if (!keepAlive) timer.unref();
  return timer;
}

/** Stops a timer; stopping it twice, or after it fired, does nothing. */
export function stopTimer(timer: Timer | undefined): void {
  clearTimeout(timer as NodeJS.Timeout | undefined);
}

/** A moment on the monotonic clock as milliseconds since 1970: to be shown, not to be reckoned with. */
export function toTimestamp(moment: number): number {
  return performance.timeOrigin + moment;
}
