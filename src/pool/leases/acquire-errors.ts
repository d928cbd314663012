import {
  ClosedError,
  NoConnectionError,
  QueueFullError,
  TimeoutError,
  withCause,
} from '../../primitives/errors.js';

/** What the errors tell of a pool. */
interface AcquiredPool {
  readonly name: string;
  readonly cause: Error | undefined;
  readonly roster: { readonly size: number; readonly ready: number };
}

/** No connection was free before the deadline. */
export function timeoutError(pool: AcquiredPool, leased: number, timeout: number): TimeoutError {
  const message = `no connection of pool ${pool.name} was free within ${timeout} ms: ${counts(pool, leased)}`;
  const details = detailsOf(pool);
  return new TimeoutError(withCause(message, details.cause), timeout, details);
}

/** No connection is ready, or can become ready. */
export function noConnection(pool: AcquiredPool, leased: number): NoConnectionError {
  const what =
    pool.roster.size === 0 ? 'there is none: discovery or addConnection() brings some' : counts(pool, leased);
  const message = `no connection of pool ${pool.name} can be used: ${what}`;
  const details = detailsOf(pool);
  return new NoConnectionError(withCause(message, details.cause), details);
}

/** The pool is disconnected, for `reason` if the application has given one. */
export function poolClosed(pool: string, reason: Error | undefined): ClosedError {
  const message = withCause(`pool ${pool} is disconnected`, reason);
  return new ClosedError(message, { pool, ...(reason && { cause: reason }) });
}

/** As many callers wait already as `maxWaiters` allows. */
export function queueFull(pool: AcquiredPool, leased: number, waiting: number): QueueFullError {
  const { name } = pool;
  const message =
    waiting > 0
      ? `${waiting} wait for a connection of pool ${name} already`
      : `no connection of pool ${name} is free, and none may wait for one: ${counts(pool, leased)}`;
  return new QueueFullError(message, { pool: name });
}

function counts({ roster: { ready, size } }: AcquiredPool, leased: number): string {
  return `${ready} of ${size} are ready, ${leased} are lent`;
}

/** The last failure explains an error only where no connection is ready. */
function detailsOf({ name: pool, cause, roster }: AcquiredPool): { pool: string; cause?: Error } {
  return { pool, ...(roster.ready === 0 && cause && { cause }) };
}
