import { looksClean, type Connection, type Handler, type Reset } from '../../connection/index.js';
import { abortReason } from '../../primitives/abort-listeners.js';
import { abortSignal, callable, milliseconds, readOptions, type Check } from '../../primitives/checks.js';
import { ConnmanError, QueueFullError, TimeoutError } from '../../primitives/errors.js';
import { now } from '../../primitives/time.js';
import {
  publishPoolAcquire,
  publishPoolAcquireFailed,
  publishPoolRelease,
  wantsPoolAcquire,
  wantsPoolRelease,
  type PoolSource,
} from '../../telemetry/index.js';
import type { Member } from '../members/member.js';
import type { Roster } from '../members/roster.js';
import { noConnection, queueFull, timeoutError } from './acquire-errors.js';
import { countArrivals } from './arrivals.js';
import { Checkout } from './checkout.js';
import { LeakWatch } from './leak-watch.js';
import { HeldLease, isHeld, notesOf, tellReset, type Lease, type Lender, type Notes } from './lease.js';
import { WaitQueue, type Waiter } from './wait-queue.js';

/** How to wait for a lease. */
export interface AcquireOptions {
  /**
   * How long to wait, in milliseconds. With 0, `acquire()` rejects at once when no connection is free.
   * @default the pool's `acquireTimeout`
   */
  timeout?: number | undefined;
  /** Aborting it rejects the promise with the signal's reason. A lease that was given before is not affected. */
  signal?: AbortSignal | undefined;
}

/** The options of a pool that concern leases, complete. */
export interface LeaseSettings {
  readonly acquireTimeout: number;
  readonly maxWaiters: number;
  readonly leakWarning: number;
}

/** The pool of the leases. */
export interface LeasesHost<H extends Handler> extends PoolSource {
  readonly roster: Roster<H>;
  readonly reconciler: { readonly hasAnswered: boolean } | undefined;
  /** Whether the pool has connections, or discovery may bring some. */
  readonly hasProspects: boolean;
  readonly isClosed: boolean;
  readonly closedError: Error | undefined;
  /** The last failure, unless the pool is up. */
  readonly cause: Error | undefined;
  /** Is told when nobody waits any more. */
  readonly end: { queueEmptied(): void };
  /** Ends the life of a member without a lease, if it is over its `maxAge`. */
  retireIfOverdue(member: Member<H>): boolean;
  /** A member is no longer ready, and no event of its connection has told so. */
  settle(member: Member<H>): void;
}

const checks: Readonly<Record<keyof AcquireOptions, Check>> = { timeout: milliseconds, signal: abortSignal };

const noOptions: Readonly<AcquireOptions> = Object.freeze({});

/** Leases the free connections of a pool, first come, first served. */
export class Leases<H extends Handler> implements Lender<H> {
  /** By the names of `stats()`. */
  readonly counters = { leases: 0, leased: 0, waits: 0, timeouts: 0, refusals: 0, failedAcquires: 0 };
  readonly #host: LeasesHost<H>;
  readonly #roster: Roster<H>;
  readonly #checkout: Checkout<H>;
  readonly #settings: LeaseSettings;
  readonly #queue: WaitQueue<HeldLease<H>>;

  constructor(host: LeasesHost<H>, settings: LeaseSettings) {
    this.#host = host;
    this.#roster = host.roster;
    this.#checkout = new Checkout(host);
    this.#settings = settings;
    this.#queue = new WaitQueue({
      deadlinePassed: ({ timeout }) => timeoutError(host, this.counters.leased, timeout),
      abandoned: (waiter, error) => {
        this.#countFailure(error, now() - waiter.enteredAt);
        if (this.waiting === 0) host.end.queueEmptied();
      },
    });
  }

  /** How many callers wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  pick(): Connection<H> {
    const member = this.#host.isClosed ? undefined : this.#checkout.next();
    if (!member) throw this.nothingReady();
    member.wasPicked = true;
    return member.connection;
  }

  tryAcquire(): HeldLease<H> | undefined {
    if (this.#host.isClosed) throw this.nothingReady();
    if (this.#queue.size > 0) return undefined;
    const member = this.#checkout.nextClean();
    return member && this.#lend(member);
  }

  acquire(options?: AcquireOptions): Promise<HeldLease<H>> {
    const request =
      options === undefined ? noOptions : readOptions<AcquireOptions>('options', options, checks);
    if (this.#host.isClosed) return this.#refuse(this.nothingReady());
    if (request.signal?.aborted) return this.#refuse(abortReason(request.signal));
    try {
      const lease = this.tryAcquire();
      if (lease) return Promise.resolve(lease);
    } catch (error) {
      return this.#refuse(error);
    }
    return this.#wait(request);
  }

  async use<T>(work: (lease: Lease<H>) => Promise<T> | T, options?: AcquireOptions): Promise<T> {
    callable('work', work);
    const lease = await this.acquire(options);
    try {
      const result = await work(lease);
      if (isHeld(lease)) lease.release();
      return result;
    } catch (error) {
      if (isHeld(lease)) lease.discard(error instanceof Error ? error : undefined);
      throw error;
    }
  }

  /** Gives free connections to the callers that wait. */
  serve(): void {
    if (this.#queue.size === 0) return;
    this.#serveInTurn();
    if (this.#queue.size === 0) this.#host.end.queueEmptied();
  }

  #serveInTurn(): void {
    while (this.#queue.size > 0) {
      let member: Member<H> | undefined;
      try {
        member = this.#checkout.nextClean();
      } catch (error) {
        // The application's own `pick` threw. The error belongs to the caller that waits, not to the one that ended its lease.
        this.#queue.failFirst(error);
        continue;
      }
      // The checkout serves the queue itself when it has to end a life.
      if (!member || this.#queue.size === 0) return;
      this.#lend(member, this.#queue.shift());
    }
  }

  /** Rejects all callers that wait. */
  failAll(makeError: () => Error): void {
    this.#queue.failAll(makeError);
  }

  /** Rejects all callers that wait, if no connection can come unless the application adds one. */
  failWithoutProspects(): void {
    if (!this.#host.hasProspects) this.failAll(() => this.nothingReady());
  }

  /** The error for a pool without a usable connection. */
  nothingReady(): Error {
    return this.#host.closedError ?? noConnection(this.#host, this.counters.leased);
  }

  /** A life has ended: the lease on its connection, if there is one, learns of it. */
  lifeEnded({ lease }: Member<H>, reset: Reset): void {
    if (lease) tellReset(lease, reset);
  }

  giveBack(member: Member<H>, lease: HeldLease<H>, isDiscarded: boolean, reason?: Error): void {
    this.#count(member, -1);
    member.lease = undefined;
    // A later life that is not ready yet was never in use by the lease.
    if (isDiscarded && member.connection.state === 'ready') this.#checkout.endLife(member, reason);
    else if (!member.isReady) member.released();
    else if (!looksClean(member.internals)) this.#checkout.endUnclean(member);
    else if (!this.#host.retireIfOverdue(member)) this.#roster.free(member);
    const notes = notesOf(lease);
    notes?.leak?.stop();
    // Published before the next caller gets the connection.
    if (wantsPoolRelease()) {
      const takenAt = notes?.takenAt;
      publishPoolRelease(this.#host, lease, takenAt && now() - takenAt);
    }
    if (this.#queue.size > 0) this.serve();
  }

  #wait({ timeout = this.#settings.acquireTimeout, signal }: AcquireOptions): Promise<HeldLease<H>> {
    const { maxWaiters, leakWarning } = this.#settings;
    if (!this.#host.hasProspects) return this.#refuse(this.nothingReady());
    if (timeout === 0) return this.#refuse(timeoutError(this.#host, this.counters.leased, timeout));
    const { waiting } = this;
    if (waiting >= maxWaiters && waiting >= countArrivals(this.#host)) {
      return this.#refuse(queueFull(this.#host, this.counters.leased, waiting));
    }
    this.counters.waits += 1;
    return this.#queue.enter({ timeout, signal, origin: leakWarning > 0 ? originHere() : undefined });
  }

  #lend(member: Member<H>, waiter?: Waiter<HeldLease<H>>): HeldLease<H> {
    const needsNotes = this.#settings.leakWarning > 0 || wantsPoolRelease();
    const notes = needsNotes ? this.#notesOn(member, waiter?.origin) : undefined;
    const lease = new HeldLease(member, this, notes);
    member.lease = lease;
    this.#roster.lease(member);
    this.#count(member, 1);
    this.counters.leases += 1;
    // The caller first: a subscriber of the event may end leases, and so serve the next caller.
    waiter?.resolve(lease);
    if (wantsPoolAcquire()) publishPoolAcquire(this.#host, lease, waiter ? now() - waiter.enteredAt : 0);
    return lease;
  }

  #notesOn({ connection }: Member<H>, origin: Error = originHere()): Notes {
    const { leakWarning } = this.#settings;
    const leak = leakWarning > 0 && new LeakWatch(this.#host, connection, leakWarning, origin);
    return { ...(leak && { leak }), ...(wantsPoolRelease() && { takenAt: now() }) };
  }

  /** A lease begins, or ends. */
  #count({ group }: Member<H>, change: 1 | -1): void {
    this.counters.leased += change;
    group.leases += change;
    group.tier.picker.leasesChanged?.(group);
  }

  #refuse(error: unknown): Promise<never> {
    this.#countFailure(error, 0);
    return Promise.reject(error as Error);
  }

  #countFailure(error: unknown, waited: number): void {
    if (error instanceof TimeoutError) this.counters.timeouts += 1;
    else if (error instanceof QueueFullError) this.counters.refusals += 1;
    else this.counters.failedAcquires += 1;
    publishPoolAcquireFailed(this.#host, error, waited);
  }
}

function originHere(): Error {
  return new ConnmanError('CONNMAN_LEAK', 'a lease was taken');
}
