/**
 * How long to wait before a dial: an immutable value. The connection waits `delay` milliseconds and takes `next()`
 * for the wait after that; after a stable life it goes back to the value it was given.
 */
export interface Backoff {
  /** Milliseconds to wait before the next dial. */
  readonly delay: number;
  /** The backoff that holds if that dial fails too. */
  next(): Backoff;
}
