import { QueueFullError, TimeoutError } from '../../primitives/errors.js';

/** The counters of a pool's leases, by the names of `stats()`. */
export interface LeaseCounters {
  leases: number;
  leased: number;
  interrupted: number;
  waits: number;
  timeouts: number;
  refusals: number;
  failedAcquires: number;
}

export function newCounters(): LeaseCounters {
  return { leases: 0, leased: 0, interrupted: 0, waits: 0, timeouts: 0, refusals: 0, failedAcquires: 0 };
}

/** Counts a caller that got nothing. */
export function countFailure(counters: LeaseCounters, error: unknown): void {
  if (error instanceof TimeoutError) counters.timeouts += 1;
  else if (error instanceof QueueFullError) counters.refusals += 1;
  else counters.failedAcquires += 1;
}
