import { ClosedError, NoConnectionError, QueueFullError, TimeoutError } from '../../../src/index.js';

/** What is the case when somebody is told that there is no lease. */
export interface Facts {
  readonly isClosed: boolean;
  /** Whether there is no connection, and none will come. */
  readonly hasNone: boolean;
  /** Whether as many wait as may. */
  readonly isFull: boolean;
  /** Whether the call itself led to it. */
  readonly isAtOnce: boolean;
}

/** What a failure counts as, in `stats()`. */
export function counterOf(error: unknown): 'timeouts' | 'refusals' | 'failedAcquires' {
  if (error instanceof TimeoutError) return 'timeouts';
  return error instanceof QueueFullError ? 'refusals' : 'failedAcquires';
}

/** What is not true of that which the error says; nothing if all is. */
export function whyWrong(error: unknown, { isClosed, hasNone, isFull, isAtOnce }: Facts): string | undefined {
  if (error instanceof QueueFullError && !isFull) return 'QueueFullError, and the queue is not full';
  if (error instanceof ClosedError && !isClosed) return 'ClosedError, and the pool is not disconnected';
  if (error instanceof NoConnectionError && !hasNone)
    return 'NoConnectionError, and there are some, or may be';
  if (error instanceof TimeoutError && isAtOnce) return 'TimeoutError at once';
  return undefined;
}
