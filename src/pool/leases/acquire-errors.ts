import { NoConnectionError, QueueFullError, TimeoutError } from '../../primitives/errors.js';

/** A pool, as far as its refusals tell of it. */
interface Refuser {
  readonly name: string;
  readonly cause: Error | undefined;
  readonly roster: { readonly size: number; readonly ready: number };
}

/** Nothing was free in time. */
export function timeoutError(refuser: Refuser, leased: number, timeout: number): TimeoutError {
  const message = `no connection of pool ${refuser.name} was free within ${timeout} ms: ${numbers(refuser, leased)}`;
  return new TimeoutError(message, timeout, detailsOf(refuser));
}

/** Nothing can be used. */
export function noConnection(refuser: Refuser, leased: number): NoConnectionError {
  const what = refuser.roster.size === 0 ? 'there is none' : numbers(refuser, leased);
  const message = `no connection of pool ${refuser.name} can be used: ${what}`;
  return new NoConnectionError(message, detailsOf(refuser));
}

/** So many wait that nobody else may. */
export function queueFull({ name: pool }: Refuser, maxWaiters: number): QueueFullError {
  return new QueueFullError(`${maxWaiters} wait for a connection of pool ${pool} already`, { pool });
}

function numbers({ roster: { ready, size } }: Refuser, leased: number): string {
  return `${ready} of ${size} are ready, ${leased} are lent`;
}

/** What went wrong last matters where nothing is ready. */
function detailsOf({ name: pool, cause, roster }: Refuser): { pool: string; cause?: Error } {
  return { pool, ...(roster.ready === 0 && cause && { cause }) };
}
