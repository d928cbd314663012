/**
 * How long to wait before a dial: an immutable value. Connections wait for `delay` and take `next()` for the wait after that;
 * after a stable life they start over. Connections to one endpoint share their waits.
 *
 * One of your own is asked before a failure or a loss is applied, and may do what it likes to connections. If it throws,
 * `onError` gets the error and the wait is one second.
 *
 * @example
 * ```ts
 * import { connect, type Backoff, type Handler } from 'connman';
 *
 * const steps = (delay: number): Backoff => ({ delay, next: () => steps(Math.min(delay + 500, 5_000)) });
 *
 * export function keep(handler: Handler): void {
 *   connect(6379, '127.0.0.1', handler, { backoff: steps(500) });
 * }
 * ```
 */
export interface Backoff {
  /** Milliseconds to wait before the next dial. */
  readonly delay: number;
  /** The backoff for the wait after that, if the dial fails too. */
  next(): Backoff;
}
