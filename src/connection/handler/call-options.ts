import { millisecondsOrInfinity, optionalError, readOptions } from '../../primitives/checks.js';

/** The options of `connection.ready()`. */
export interface ReadyOptions {
  /** Aborting it rejects the promise with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** The options of `connection.reset()`. */
export interface ResetOptions {
  /**
   * The next dial does not begin before so many milliseconds have passed, from the call on. With Infinity it does not begin before
   * `reconnectNow()`. A later call with this option replaces the time, and `reconnectNow()` ends it.
   * @default the time of an earlier call, if that is not over; then the wait that the backoff says
   */
  after?: number | undefined;
}

/** Ends the present life, if there is one. */
export function resetLife(core: Resettable, reason: Error | undefined, options: ResetOptions = {}): void {
  optionalError('reason', reason);
  const { after } = readOptions<ResetOptions>('options', options, { after: millisecondsOrInfinity });
  if (after !== undefined) core.dialer.holdFor(after);
  core.presentLife?.end('requested', reason);
}

interface Resettable {
  readonly presentLife: { end(code: 'requested', reason?: Error): void } | undefined;
  readonly dialer: { holdFor(milliseconds: number): void };
}
