import type { Connection, Handler } from '../connection/index.js';
import {
  abortSignal,
  callable,
  longestDelay,
  milliseconds,
  readOptions,
  type Check,
} from '../primitives/checks.js';
import { ConnmanError, NoConnectionError, QueueFullError, TimeoutError } from '../primitives/errors.js';
import { now } from '../primitives/time.js';
import {
  publishPoolAcquire,
  publishPoolAcquireFailed,
  publishPoolRelease,
  wantsPoolRelease,
  type PoolSource,
} from '../telemetry/index.js';
import { LeakWatch } from './leak-watch.js';
import { HeldLease, type Lease, type Lender } from './lease.js';
import type { Member } from './member.js';
import type { PoolSettings } from './pool-options.js';
import type { Roster } from './roster.js';
import { WaitQueue, type Waiter } from './wait-queue.js';

/** What `acquire()` and `use()` take. */
export interface AcquireOptions {
  /** How long to wait, in milliseconds; 0 is not at all. Default: the pool's `acquireTimeout`. */
  timeout?: number | undefined;
  /** Aborting it ends the wait, with the signal's reason; a lease that is there already stays. */
  signal?: AbortSignal | undefined;
}

/** What a pool tells its lending. */
export interface LendingHost<H extends Handler> extends PoolSource {
  readonly roster: Roster<H>;
  /** Whether there are connections, or may be some without the program's doing. */
  readonly hasProspects: boolean;
  /** Why nothing can be lent or picked any more, if so. */
  readonly closedError: Error | undefined;
  /** What went wrong last, if something is wrong. */
  readonly cause: Error | undefined;
  /** Whether its life, which is over its `maxAge`, is ended now that nobody uses it. */
  retires(member: Member<H>): boolean;
  /** It is not ready any more, outside of an event of its own. */
  settle(member: Member<H>): void;
}

const checks: Readonly<Record<keyof AcquireOptions, Check>> = { timeout: milliseconds, signal: abortSignal };

/** Lends the free connections of a pool: for exclusive use, first come, first served. */
export class Lending<H extends Handler> implements Lender<H> {
  /** What it has done so far, by the names that `stats()` has. */
  readonly counters = { leases: 0, leased: 0, waits: 0, timeouts: 0, refusals: 0, failedAcquires: 0 };
  readonly #host: LendingHost<H>;
  readonly #settings: PoolSettings;
  readonly #queue: WaitQueue<Lease<H>>;

  constructor(host: LendingHost<H>, settings: PoolSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#queue = new WaitQueue({
      deadlinePassed: ({ timeout }) => this.#timeoutError(timeout),
      gaveUp: (waiter, error) => this.#failed(error, now() - waiter.enteredAt),
    });
  }

  /** How many wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  pick(): Connection<H> {
    const member = this.#next();
    if (!member) throw this.nothingReady();
    member.wasPicked = true;
    return member.connection;
  }

  tryAcquire(): Lease<H> | undefined {
    const { closedError } = this.#host;
    if (closedError) throw closedError;
    // Who waits has waited for longer.
    const member = this.#queue.size === 0 ? this.#nextUnspoilt() : undefined;
    return member && this.#lend(member, 0, this.#origin());
  }

  acquire(options?: AcquireOptions): Promise<Lease<H>> {
    const { timeout = this.#settings.acquireTimeout, signal } =
      options === undefined ? noOptions : readOptions<AcquireOptions>('options', options, checks);
    const { closedError, hasProspects } = this.#host;
    if (closedError) return this.#refuse(closedError);
    if (signal?.aborted) return this.#refuse(signal.reason);
    const origin = this.#origin();
    try {
      const member = this.#queue.size === 0 ? this.#nextUnspoilt() : undefined;
      if (member) return Promise.resolve(this.#lend(member, 0, origin));
    } catch (error) {
      return this.#refuse(error);
    }
    if (!hasProspects) return this.#refuse(this.nothingReady());
    if (this.#queue.size >= this.#settings.maxWaiters) return this.#refuse(this.#queueFull());
    this.counters.waits += 1;
    return this.#queue.enter({ timeout: Math.min(timeout, longestDelay), signal, origin });
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
        member = this.#nextUnspoilt();
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

  takeBack(member: Member<H>, lease: HeldLease<H>, isSpoilt: boolean, reason?: Error): void {
    this.counters.leased -= 1;
    member.group.leases -= 1;
    member.group.tier.picker.leasesChanged?.(member.group);
    member.lease = undefined;
    lease.leak?.stop();
    if (isSpoilt && !lease.hasEnded) this.#spoil(member, reason);
    else if (!member.isReady) member.released();
    else if (!member.connection.isUsable) this.#lose(member);
    else if (hasUnreadInput(member)) this.#spoil(member, unreadInput(member));
    else if (!member.isOverdue || !this.#host.retires(member)) this.#host.roster.setFree(member, true);
    // Before anybody else is told of having it.
    publishPoolRelease(this.#host, lease, lease.takenAt === undefined ? undefined : now() - lease.takenAt);
    this.serve();
  }

  #serveWith(member: Member<H>): void {
    const waiter = this.#queue.shift() as Waiter<Lease<H>>;
    waiter.resolve(this.#lend(member, now() - waiter.enteredAt, waiter.origin));
  }

  #lend(member: Member<H>, waited: number, origin: Error | undefined): HeldLease<H> {
    const { group } = member;
    const lease = new HeldLease(member, this);
    member.lease = lease;
    this.#host.roster.setFree(member, false);
    group.leases += 1;
    group.tier.picker.leasesChanged?.(group);
    this.counters.leases += 1;
    this.counters.leased += 1;
    if (origin) lease.leak = new LeakWatch(this.#host, member.connection, this.#settings.leakWarning, origin);
    if (wantsPoolRelease()) lease.takenAt = now();
    publishPoolAcquire(this.#host, lease, waited);
    return lease;
  }

  /** The next one that can be used; what turns out to be at its end is not ready any more. */
  #next(): Member<H> | undefined {
    const { roster } = this.#host;
    let member = roster.rotation.pick();
    while (member && !member.connection.isUsable) {
      this.#lose(member);
      member = roster.rotation.pick();
    }
    return member;
  }

  /** The next one that nothing was read from by its last holder, or sent to it since, which waits to be read. */
  #nextUnspoilt(): Member<H> | undefined {
    let member = this.#next();
    while (member && hasUnreadInput(member)) {
      this.#spoil(member, unreadInput(member));
      member = this.#next();
    }
    return member;
  }

  /** Ends its life: nobody knows what it is in the middle of. */
  #spoil(member: Member<H>, reason?: Error): void {
    member.connection.reset(reason);
    member.released();
    if (member.connection.state === 'ready') this.#lose(member);
  }

  /** Its life is about to end. */
  #lose(member: Member<H>): void {
    member.isEnding = true;
    this.#host.roster.update(member);
    this.#host.settle(member);
  }

  #origin(): Error | undefined {
    return this.#settings.leakWarning > 0 ? new ConnmanError('CONNMAN_LEAK', 'a lease was taken') : undefined;
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

  #timeoutError(timeout: number): TimeoutError {
    const { name: pool, roster, cause } = this.#host;
    const { ready, size } = roster;
    const message = `no connection of pool ${pool} was free within ${timeout} ms: ${ready} of ${size} are ready, ${this.counters.leased} are lent`;
    return new TimeoutError(message, timeout, { pool, ...(ready === 0 && cause && { cause }) });
  }

  #queueFull(): QueueFullError {
    const { name: pool } = this.#host;
    const { maxWaiters } = this.#settings;
    return new QueueFullError(`${maxWaiters} wait for a connection of pool ${pool} already`, { pool });
  }

  /** Why nothing can be used. */
  nothingReady(): Error {
    const { name: pool, roster, cause, closedError } = this.#host;
    if (closedError) return closedError;
    const { ready, size } = roster;
    const what =
      size === 0 ? 'there is none' : `${ready} of ${size} are ready, ${this.counters.leased} are lent`;
    return new NoConnectionError(`no connection of pool ${pool} can be used: ${what}`, {
      pool,
      ...(ready === 0 && cause && { cause }),
    });
  }
}

const noOptions: Readonly<AcquireOptions> = Object.freeze({});

/** Of a socket that nobody reads, what comes from now on is kept to be seen, instead of waiting in the system. */
function hasUnreadInput({ connection }: Member<never> | Member): boolean {
  const { socket } = connection;
  if (socket.readableFlowing !== true) socket.read(0);
  return socket.readableLength > 0;
}

function unreadInput({ connection }: Member<never> | Member): ConnmanError {
  const { endpoint, pool, socket } = connection;
  const message = `${socket.readableLength} bytes were left unread by who had the connection before`;
  return new ConnmanError('CONNMAN_UNREAD_INPUT', message, { endpoint, pool });
}
