import type { Connection, Handler } from '../../connection/index.js';
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
import { LeakWatch } from './leak-watch.js';
import { HeldLease, type Lease, type Lender } from './lease.js';
import type { Member } from '../members/member.js';
import type { PoolSettings } from '../options.js';
import { noConnection, queueFull, timeoutError } from './acquire-errors.js';
import type { Roster } from '../members/roster.js';
import { Checkout } from './checkout.js';
import { WaitQueue, type Waiter } from './wait-queue.js';

/** What `acquire()` and `use()` take. */
export interface AcquireOptions {
  /** How long to wait, in milliseconds; 0 is not at all. Default: the pool's `acquireTimeout`. */
  timeout?: number | undefined;
  /** Aborting it ends the wait, with the signal's reason; a lease that is there already stays. */
  signal?: AbortSignal | undefined;
}

/** What a pool tells its leases. */
export interface LeasesHost<H extends Handler> extends PoolSource {
  readonly roster: Roster<H>;
  /** Whether there are connections, or may be some without the program's doing. */
  readonly hasProspects: boolean;
  /** Whether nothing can be lent or picked any more, and why. */
  readonly isClosed: boolean;
  readonly closedError: Error | undefined;
  /** What went wrong last, if something is wrong. */
  readonly cause: Error | undefined;
  /** Whether its life, which is over its `maxAge`, is ended now that nobody uses it. */
  retires(member: Member<H>): boolean;
  /** It is not ready any more, outside of an event of its own. */
  settle(member: Member<H>): void;
}

const checks: Readonly<Record<keyof AcquireOptions, Check>> = { timeout: milliseconds, signal: abortSignal };

// Bound here once: a property of a module is looked up by name, at a third of the cost of a lease.
const [wantsAcquire, wantsRelease] = [wantsPoolAcquire, wantsPoolRelease];

/** Lends the free connections of a pool: for exclusive use, first come, first served. */
export class Leases<H extends Handler> implements Lender<H> {
  /** What it has done so far, by the names that `stats()` has. */
  readonly counters = { leases: 0, leased: 0, waits: 0, timeouts: 0, refusals: 0, failedAcquires: 0 };
  readonly #host: LeasesHost<H>;
  readonly #roster: Roster<H>;
  readonly #checkout: Checkout<H>;
  readonly #settings: PoolSettings;
  readonly #queue: WaitQueue<Lease<H>>;

  constructor(host: LeasesHost<H>, settings: PoolSettings) {
    this.#host = host;
    this.#roster = host.roster;
    this.#checkout = new Checkout(host);
    this.#settings = settings;
    this.#queue = new WaitQueue({
      deadlinePassed: ({ timeout }) => timeoutError(host, this.counters.leased, timeout),
      abandoned: (waiter, error) => this.#failed(error, now() - waiter.enteredAt),
    });
  }

  /** How many wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  pick(): Connection<H> {
    const member = this.#checkout.next();
    if (!member) throw this.nothingReady();
    member.wasPicked = true;
    return member.connection;
  }

  tryAcquire(): Lease<H> | undefined {
    if (this.#host.isClosed) throw this.nothingReady();
    // Who waits has waited for longer.
    if (this.#queue.size > 0) return undefined;
    const member = this.#checkout.nextClean();
    return member && this.#lend(member);
  }

  acquire(options?: AcquireOptions): Promise<Lease<H>> {
    const request =
      options === undefined ? noOptions : readOptions<AcquireOptions>('options', options, checks);
    if (this.#host.isClosed) return this.#refuse(this.nothingReady());
    if (request.signal?.aborted) return this.#refuse(request.signal.reason);
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
    const lease = (await this.acquire(options)) as HeldLease<H>;
    try {
      const result = await work(lease);
      if (lease.isHeld) lease.release();
      return result;
    } catch (error) {
      if (lease.isHeld) lease.discard(error instanceof Error ? error : undefined);
      throw error;
    }
  }

  /** Serves those who wait, as far as there is something to lend. */
  serve(): void {
    while (this.#queue.size > 0) {
      let member: Member<H> | undefined;
      try {
        member = this.#checkout.nextClean();
      } catch (error) {
        // A `pick` of the program's own threw: that is told to who asked for the lease, not to who caused this look.
        this.#queue.failFirst(error);
        continue;
      }
      // Those who waited may have been served meanwhile, where one was found to be at its end.
      if (!member || this.#queue.size === 0) return;
      this.#serveWith(member);
    }
  }

  /** Nothing can be lent any more. */
  failAll(makeError: () => Error): void {
    this.#queue.failAll(makeError);
  }

  /** Nothing can be lent until the program adds a connection. */
  failWithoutProspects(): void {
    if (!this.#host.hasProspects) this.failAll(() => this.nothingReady());
  }

  /** Why nothing can be used. */
  nothingReady(): Error {
    return this.#host.closedError ?? noConnection(this.#host, this.counters.leased);
  }

  giveBack(member: Member<H>, lease: HeldLease<H>, isSpoilt: boolean, reason?: Error): void {
    const { group } = member;
    this.counters.leased -= 1;
    group.leases -= 1;
    if (group.tier.heedsLeases) group.tier.picker.leasesChanged?.(group);
    member.lease = undefined;
    const isWhole =
      !isSpoilt &&
      member.status === 'leased' &&
      member.retirement === undefined &&
      member.connection.looksClean();
    if (isWhole) this.#roster.free(member);
    else this.#giveBackUnlikely(member, isSpoilt, reason);
    lease.notes?.leak?.stop();
    // Before anybody else is told of having it.
    if (wantsRelease()) this.#tellRelease(lease);
    if (this.#queue.size > 0) this.serve();
  }

  #giveBackUnlikely(member: Member<H>, isSpoilt: boolean, reason: Error | undefined): void {
    // A later life that is not ready yet was not in the hands of the borrower.
    if (isSpoilt && member.connection.state === 'ready') this.#checkout.spoil(member, reason);
    else if (!member.isReady) member.released();
    else if (!member.connection.looksClean()) this.#checkout.endUnclean(member);
    else if (!this.#host.retires(member)) this.#roster.free(member);
  }

  #wait({ timeout = this.#settings.acquireTimeout, signal }: AcquireOptions): Promise<Lease<H>> {
    const { maxWaiters } = this.#settings;
    if (!this.#host.hasProspects) return this.#refuse(this.nothingReady());
    if (timeout === 0) return this.#refuse(timeoutError(this.#host, this.counters.leased, timeout));
    if (this.#queue.size >= maxWaiters) return this.#refuse(queueFull(this.#host, maxWaiters));
    this.counters.waits += 1;
    const origin = this.#settings.leakWarning > 0 ? originHere() : undefined;
    return this.#queue.enter({ timeout, signal, origin });
  }

  #serveWith(member: Member<H>): void {
    this.#lend(member, this.#queue.shift() as Waiter<Lease<H>>);
  }

  #lend(member: Member<H>, waiter?: Waiter<Lease<H>>): HeldLease<H> {
    const { group } = member;
    const { counters } = this;
    const lease = new HeldLease(member, this);
    member.lease = lease;
    this.#roster.lend(member);
    group.leases += 1;
    if (group.tier.heedsLeases) group.tier.picker.leasesChanged?.(group);
    counters.leases += 1;
    counters.leased += 1;
    if (this.#settings.leakWarning > 0) this.#watch(lease, waiter?.origin ?? originHere());
    if (wantsRelease()) lease.note().takenAt = now();
    // Before others are told, who may give back what the next one gets.
    waiter?.resolve(lease);
    if (wantsAcquire()) publishPoolAcquire(this.#host, lease, waiter ? now() - waiter.enteredAt : 0);
    return lease;
  }

  #tellRelease(lease: HeldLease<H>): void {
    const takenAt = lease.notes?.takenAt;
    publishPoolRelease(this.#host, lease, takenAt && now() - takenAt);
  }

  #watch(lease: HeldLease<H>, origin: Error): void {
    lease.note().leak = new LeakWatch(this.#host, lease.connection, this.#settings.leakWarning, origin);
  }

  #refuse(error: unknown): Promise<never> {
    this.#failed(error, 0);
    return Promise.reject(error as Error);
  }

  #failed(error: unknown, waited: number): void {
    if (error instanceof TimeoutError) this.counters.timeouts += 1;
    else if (error instanceof QueueFullError) this.counters.refusals += 1;
    else this.counters.failedAcquires += 1;
    publishPoolAcquireFailed(this.#host, error, waited);
  }
}

const noOptions: Readonly<AcquireOptions> = Object.freeze({});

function originHere(): Error {
  return new ConnmanError('CONNMAN_LEAK', 'a lease was taken');
}
