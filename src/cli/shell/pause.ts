import { startTimer, stopTimer } from '../../primitives/time.js';

/** Resolves after `duration` milliseconds, or as soon as the signal is aborted. */
export function pause(duration: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const finish = (): void => {
      stopTimer(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = startTimer(duration, true, finish);
    signal.addEventListener('abort', finish, { once: true });
  });
}
