import { addAbortListener, removeAbortListener } from '../primitives/abort-listeners.js';
import { startTimer, stopTimer } from '../primitives/time.js';

/** Waits so many milliseconds, or until the signal aborts. Does not keep the process alive. */
export function pause(delay: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      stopTimer(timer);
      removeAbortListener(signal, end);
      resolve();
    };
    const timer = startTimer(delay, false, end);
    addAbortListener(signal, end);
  });
}
