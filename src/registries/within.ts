import { addAbortListener, removeAbortListener } from '../primitives/abort-listeners.js';
import { startDeadline, stopDeadline } from '../primitives/deadline.js';
import { TimeoutError } from '../primitives/errors.js';

/**
 * Gives some work this many milliseconds: its signal aborts when they are over, or when the given one does, and the work counts
 * as failed at once, even if it goes on.
 */
export async function within<T>(
  timeout: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const abort = (): void => ending.abort(signal.reason);
  signal.throwIfAborted();
  addAbortListener(signal, abort);
  const deadline = startDeadline(timeout, true, () =>
    ending.abort(new TimeoutError(`no answer within ${timeout} ms`, timeout)),
  );
  try {
    const ended = new Promise<never>((_, reject) => {
      addAbortListener(ending.signal, () => reject(ending.signal.reason as Error));
    });
    return await Promise.race([work(ending.signal), ended]);
  } finally {
    stopDeadline(deadline);
    removeAbortListener(signal, abort);
  }
}
