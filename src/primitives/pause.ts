import { addAbortListener, removeAbortListener } from './abort-listeners.js';
import { startTimer, stopTimer } from './time.js';

/** Waits for `delay` milliseconds, or until the signal aborts. */
export function pause(delay: number, signal: AbortSignal, keepsAlive: boolean = false): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      stopTimer(timer);
      removeAbortListener(signal, end);
      resolve();
    };
    const timer = startTimer(delay, keepsAlive, end);
    addAbortListener(signal, end);
  });
}
