import type { Handler } from '../../connection/index.js';
import { QueueFullError, TimeoutError } from '../../primitives/errors.js';
import { turnTime } from '../../primitives/turn-time.js';
import type { Member } from '../members/member.js';

/** What has become of the calls for leases, by the names of `stats()`. */
export class LeaseCounters<H extends Handler> {
  leases = 0;
  leased = 0;
  waits = 0;
  waitedMs = 0;
  timeouts = 0;
  refusals = 0;
  failedAcquires = 0;
  /** The time that leases have lasted, until the number of leases changed last. */
  #heldMs = 0;
  #changedAt = 0;

  began(member: Member<H>): void {
    this.leases += 1;
    this.#change(member, 1);
  }

  /** A lease is over. That on a closed connection has ended for the pool already. */
  ended(member: Member<H>): void {
    if (member.connection.state !== 'closed') this.#change(member, -1);
  }

  /** A connection is closed: the pool lends it no more, whoever holds a lease on it. */
  closed(member: Member<H>): void {
    if (member.lease) this.#change(member, -1);
  }

  /** The wait of a call is over, with a lease or without. Returns how long it was, to the turn of the event loop. */
  waited(enteredAt: number): number {
    const waited = Math.max(0, turnTime() - enteredAt);
    this.waitedMs += waited;
    return waited;
  }

  failed(error: unknown): void {
    if (error instanceof TimeoutError) this.timeouts += 1;
    else if (error instanceof QueueFullError) this.refusals += 1;
    else this.failedAcquires += 1;
  }

  get report(): LeaseReport {
    const { leases, leased, waits, waitedMs, timeouts, refusals, failedAcquires } = this;
    const heldMs = this.#heldMs + leased * (turnTime() - this.#changedAt);
    return { leases, leased, waits, waitedMs, heldMs, timeouts, refusals, failedAcquires };
  }

  /** A lease begins or ends. The time is counted for all leases together, so that none has to know when it began. */
  #change({ group }: Member<H>, by: 1 | -1): void {
    const time = turnTime();
    this.#heldMs += this.leased * (time - this.#changedAt);
    this.#changedAt = time;
    this.leased += by;
    group.leases += by;
    if (group.leases > group.peak) group.peak = group.leases;
    group.picker.loadChanged?.(group);
  }
}

/** The calls for leases of a pool: a snapshot. */
export interface LeaseReport {
  /** How many connections are leased. */
  readonly leased: number;
  /** How many leases were given so far. */
  readonly leases: number;
  /** How long leases have lasted, in milliseconds, all of them added up, with those that go on. */
  readonly heldMs: number;
  /** How many calls had to wait for a lease, whether or not they got it. */
  readonly waits: number;
  /** How long these have waited, in milliseconds, all of them added up. It leaves out those that wait still. */
  readonly waitedMs: number;
  /** How many calls got no lease before their deadline. */
  readonly timeouts: number;
  /** How many calls got no lease because `maxWaiters` callers waited already. */
  readonly refusals: number;
  /** How many calls got no lease for another reason, such as an abort. */
  readonly failedAcquires: number;
}
