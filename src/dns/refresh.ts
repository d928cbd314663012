import { addAbortListener, removeAbortListener } from '../primitives/abort-listeners.js';
import { now, startTimer, stopTimer } from '../primitives/time.js';

/** When to look up a name again. */
export interface RefreshSettings {
  readonly minRefresh: number;
  readonly maxRefresh: number;
  readonly jitter: number;
}

/**
 * How many milliseconds to wait after an answer with this TTL in seconds: from `minRefresh` to `maxRefresh`, and no longer
 * than the TTL unless that is below `minRefresh`. `chance` is a number from 0 to 1.
 */
export function refreshDelay(ttl: number, settings: RefreshSettings, chance: number): number {
  const { minRefresh, maxRefresh, jitter } = settings;
  const longest = Math.min(maxRefresh, ttl * 1_000);
  return Math.max(minRefresh, longest * (1 - jitter * chance));
}

/** Waits until a moment on the monotonic clock, or until the signal aborts. The wait does not keep the process alive. */
export function waitUntil(moment: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      stopTimer(timer);
      removeAbortListener(signal, end);
      resolve();
    };
    const timer = startTimer(Math.max(0, moment - now()), false, end);
    addAbortListener(signal, end);
  });
}
