import { addAbortListener } from '../primitives/abort-listeners.js';
import { TimeoutError } from '../primitives/errors.js';
import { waitWithin } from '../primitives/wait-within.js';

/**
 * Gives some work this many milliseconds: its signal aborts when they are over, or when the given one does, and the work counts
 * as failed at once, even if it goes on.
 */
export async function within<T>(
  timeout: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  return waitWithin(
    { timeout, signal },
    (ending) => Promise.race([work(ending as AbortSignal), abortionOf(ending as AbortSignal)]),
    () => new TimeoutError(`no answer within ${timeout} ms`, timeout),
  );
}

function abortionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    addAbortListener(signal, () => reject(signal.reason as Error));
  });
}
