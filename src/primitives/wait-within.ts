import { abortReason, onAbort } from './abort-listeners.js';
import { abortSignal, milliseconds, readOptions, type Check } from './checks.js';
import { startDeadline, stopDeadline } from './deadline.js';

/** How long a caller waits. */
export interface Patience {
  readonly signal?: AbortSignal | undefined;
  /** In milliseconds. */
  readonly timeout?: number | undefined;
}

const checks: Readonly<Record<keyof Patience, Check>> = { signal: abortSignal, timeout: milliseconds };

/** Reads the options of a caller that waits, or throws an `OptionError`. */
export function readPatience(options: unknown): Patience {
  return readOptions<Patience>('options', options, checks);
}

/** Waits with the signal that it is given: one that aborts with that of the caller, or with `late()` at the end of the timeout. */
export async function waitWithin<T>(
  { signal, timeout }: Patience,
  wait: (signal: AbortSignal | undefined) => Promise<T>,
  late: (timeout: number) => Error,
): Promise<T> {
  if (timeout === undefined) return wait(signal);
  const ending = new AbortController();
  const stopListening = signal && onAbort(signal, () => ending.abort(abortReason(signal)));
  // It keeps the process alive: a caller waits.
  const deadline = startDeadline(timeout, true, () => ending.abort(late(timeout)));
  try {
    return await wait(ending.signal);
  } finally {
    stopDeadline(deadline);
    stopListening?.();
  }
}
