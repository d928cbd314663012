import { reportError, type Connection, type Handler, type Reset } from '../../connection/index.js';
import { startDeadline } from '../../primitives/deadline.js';
import { publishLeaseForfeit, publishLeaseInterrupt, type PoolSource } from '../../telemetry/index.js';
import type { Member, MemberSpec } from '../members/member.js';
import { publishEnd } from './first-notes.js';
import { forfeiture } from './lease-errors.js';
import { forfeit, noteOn, notesOf, tellReset, type HeldLease } from './lease.js';

/** The pool, as far as the end of leased lives concerns it. */
export interface InterruptedPool<H extends Handler> extends PoolSource {
  readonly isClosed: boolean;
  readonly reconciler: { isSuperseded(member: Member<H>): boolean } | undefined;
  readonly standIns: { has(member: Member<H>): boolean };
  /** Opens a connection. Throws what the application's factory throws. */
  open(spec: MemberSpec): Pick<Connection<H>, 'disconnect' | 'setEndpoints'>;
}

interface InterruptedLeases<H extends Handler> {
  /** The lease on this connection is over. */
  ended(member: Member<H>): void;
}

/**
 * What follows when the life of a lease ends. The holder is told, and has some time to give the lease back. After that, the
 * connection is closed, so that its socket is never connected again, and another one takes its place.
 */
export class Interruptions<H extends Handler> {
  readonly #pool: InterruptedPool<H>;
  readonly #drain: number;
  readonly #leases: InterruptedLeases<H>;

  constructor(pool: InterruptedPool<H>, drain: number, leases: InterruptedLeases<H>) {
    this.#pool = pool;
    this.#drain = drain;
    this.#leases = leases;
  }

  /** The first life of a lease has ended. */
  begin(member: Member<H>, lease: HeldLease<H>, reset: Reset): void {
    const isLasting = notesOf(lease)?.isLasting === true;
    if (!isLasting) this.#limit(member, lease, reset);
    publishLeaseInterrupt(this.#pool, lease, reset.code, isLasting);
    tellReset(lease);
  }

  #limit(member: Member<H>, lease: HeldLease<H>, reset: Reset): void {
    const { connection, internals } = member;
    // A connection that is closed lets the process exit, as it did without a lease.
    const keepsAlive = connection.state === 'waiting' && internals.link.isReferenced;
    noteOn(lease).drain = startDeadline(this.#drain, keepsAlive, () => this.#forfeit(member, lease, reset));
  }

  #forfeit(member: Member<H>, lease: HeldLease<H>, reset: Reset): void {
    const error = forfeiture(reset, this.#pool.name, this.#drain);
    forfeit(lease);
    this.#leases.ended(member);
    publishLeaseForfeit(this.#pool, lease);
    publishEnd(this.#pool, lease);
    this.#replace(member);
    member.internals.close('disconnect', error, 0);
    notesOf(lease)?.forfeited?.(error);
  }

  /** Opens a connection in the place of one that may not be lent again. */
  #replace(member: Member<H>): void {
    if (!this.#mayHaveSuccessor(member)) return;
    const { group, isDiscovered, internals } = member;
    const { key, endpoint } = group;
    try {
      const { dialer, options } = internals;
      const rank = { priority: group.tier.priority };
      const successor = this.#pool.open({ key, endpoint, rank, isDiscovered, options, instead: member });
      const { endpoints, isMobile } = dialer.failover;
      if (isMobile) successor.setEndpoints(endpoints);
      // The application may have closed it in the factory, or in a subscriber of an event.
      if (member.connection.state !== 'waiting') void successor.disconnect();
    } catch (error) {
      if (!this.#pool.isClosed) reportError(internals, error, 'factory');
    }
  }

  #mayHaveSuccessor(member: Member<H>): boolean {
    const { isClosed, reconciler, standIns } = this.#pool;
    const isSurplus = reconciler?.isSuperseded(member) || standIns.has(member);
    return !isClosed && member.connection.state === 'waiting' && !isSurplus;
  }
}
