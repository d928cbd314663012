import type { Handler } from '../../connection/index.js';
import type { TurnBudget } from '../../primitives/turn-budget.js';
import type { Member } from '../members/member.js';
import type { Roster } from '../members/roster.js';
import type { InterruptedPool } from './interruptions.js';

/** The options of a pool that concern leases, complete. */
export interface LeaseSettings {
  readonly acquireTimeout: number;
  readonly maxWaiters: number;
  readonly leakWarning: number;
  /** How long a lease may be held after the end of its life. */
  readonly drain: number;
  /** Whether its servers speak unasked. */
  readonly pushes: boolean;
}

/** The pool of the leases. */
export interface LeasesHost<H extends Handler> extends InterruptedPool<H> {
  readonly roster: Roster<H>;
  readonly reconciler: (InterruptedPool<H>['reconciler'] & { readonly hasAnswered: boolean }) | undefined;
  /** How many calls may be answered in this turn of the event loop. */
  readonly waiters: { readonly atOnce: TurnBudget };
  /** Is told when a caller waits. */
  readonly growth: { wanted(): void };
  /** Whether the pool has connections, or discovery may bring some. */
  readonly hasProspects: boolean;
  readonly closedError: Error | undefined;
  /** The last failure, unless the pool is up. */
  readonly cause: Error | undefined;
  /** Is told when no caller waits any more. */
  readonly end: { queueEmptied(): void };
  /** Ends the life of a member without a lease, if it is over its `maxAge`. */
  retireIfOverdue(member: Member<H>): boolean;
  /** A member is no longer ready, and no event of its connection has told so. */
  settle(member: Member<H>): void;
}
