import { millisecondsOrInfinity, optionalError, readOptions } from '../../primitives/checks.js';
import { formatEndpoint, type Endpoint } from '../../primitives/endpoint.js';
import { TimeoutError, withCause } from '../../primitives/errors.js';
import { readPatience, waitWithin } from '../../primitives/wait-within.js';

/** The options of `ready()`, of a connection and of a pool. */
export interface ReadyOptions {
  /** Aborting it rejects the promise with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * How long to wait, in milliseconds: then the promise is rejected with a `TimeoutError`, whose cause is the last failure.
   * @default no limit
   */
  timeout?: number | undefined;
}

/** Waits until the connection is ready, as long as the options say. */
export function readyWithin<T>(core: Awaited<T>, options: ReadyOptions): Promise<T> {
  return waitWithin(
    readPatience(options),
    (signal) => core.ready(signal),
    (timeout) => notReady(core, timeout),
  );
}

interface Awaited<T> {
  readonly endpoint: Endpoint;
  readonly record: { readonly lastFailure: Error | { readonly error?: Error | undefined } | undefined };
  ready(signal: AbortSignal | undefined): Promise<T>;
}

function notReady({ endpoint, record }: Awaited<unknown>, timeout: number): TimeoutError {
  const { lastFailure } = record;
  const cause = lastFailure instanceof Error ? lastFailure : lastFailure?.error;
  const message = `the connection to ${formatEndpoint(endpoint)} was not ready within ${timeout} ms`;
  return new TimeoutError(withCause(message, cause), timeout, { endpoint, ...(cause && { cause }) });
}

/** The options of `connection.reset()`. */
export interface ResetOptions {
  /**
   * The next dial does not begin before this many milliseconds have passed, from the call on. With Infinity it does not begin before
   * `reconnectNow()`. A later call with this option replaces the time, and `reconnectNow()` ends it.
   * @default the time of an earlier call, if that is not over; then the wait that the backoff says
   */
  after?: number | undefined;
}

/** Ends the present life, if there is one. */
export function resetLife(core: Resettable, reason: Error | undefined, options: ResetOptions = {}): void {
  optionalError('reason', reason);
  const { after } = readOptions<ResetOptions>('options', options, { after: millisecondsOrInfinity });
  if (after !== undefined) core.dialer.restFor(after);
  core.presentLife?.end('requested', reason);
}

interface Resettable {
  readonly presentLife: { end(code: 'requested', reason?: Error): void } | undefined;
  readonly dialer: { restFor(milliseconds: number): void };
}
