import { NoConnectionError, QueueFullError, TimeoutError } from '../../primitives/errors.js';

/** A pool, as far as its refusals tell of it. */
interface AcquiredPool {
  readonly name: string;
  readonly cause: Error | undefined;
  readonly roster: { readonly size: number; readonly ready: number };
}

/** Nothing was free in time. */
export function timeoutError(pool: AcquiredPool, leased: number, timeout: number): TimeoutError {
  const message = `no connection of pool ${pool.name} was free within ${timeout} ms: ${numbers(pool, leased)}`;
  return new TimeoutError(message, timeout, detailsOf(pool));
}

/** Nothing can be used. */
export function noConnection(pool: AcquiredPool, leased: number): NoConnectionError {
  const what = pool.roster.size === 0 ? 'there is none' : numbers(pool, leased);
  const message = `no connection of pool ${pool.name} can be used: ${what}`;
  return new NoConnectionError(message, detailsOf(pool));
}

/** So many wait that nobody else may. */
export function queueFull({ name: pool }: AcquiredPool, maxWaiters: number): QueueFullError {
  return new QueueFullError(`${maxWaiters} wait for a connection of pool ${pool} already`, { pool });
}

function numbers({ roster: { ready, size } }: AcquiredPool, leased: number): string {
  return `${ready} of ${size} are ready, ${leased} are lent`;
}

/** What went wrong last matters where nothing is ready. */
function detailsOf({ name: pool, cause, roster }: AcquiredPool): { pool: string; cause?: Error } {
  return { pool, ...(roster.ready === 0 && cause && { cause }) };
}
