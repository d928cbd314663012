import { inspect } from 'node:util';
import type {
  Connection,
  ConnectionOptions,
  Handler,
  ManagedSocket,
  ReadyOptions,
} from '../connection/index.js';
import { endpointKey } from '../discovery/index.js';
import { integerFrom } from '../primitives/checks.js';
import { endpointArguments, leadingTo, type Endpoint } from '../primitives/endpoint.js';
import { describe, OptionError } from '../primitives/errors.js';
import { inspectPool, rememberInside } from '../telemetry/index.js';
import type { Reconciler } from './following/reconciler.js';
import { PoolCore, type HandlerFactory, type PoolOwner } from './core.js';
import { readPerEndpoint, type ElasticOptions } from './following/elastic-options.js';
import type { Lease } from './leases/lease.js';
import type { AcquireOptions, LeaseOptions } from './leases/acquire-options.js';
import type { PickOptions, PickReadyOptions } from './leases/pick-options.js';
import { readDrain, type DrainOptions } from './members/drain-options.js';
import { MemberOptions } from './members/member-options.js';
import { readPoolOptions, type PoolOptions } from './options.js';
import { poolStats, type PoolStats } from './stats.js';

const readyCount = integerFrom(0, Number.MAX_SAFE_INTEGER);

/**
 * A named, ordered set of connections, with handlers from one factory. Made by `createPool()`. A closed connection leaves the
 * pool, whatever the reason, and the indices after it move down by one.
 *
 * @example
 * ```ts
 * import { createPool } from 'connman';
 *
 * const pool = createPool('cache', () => ({ onConnect() {} }));
 * pool.addConnection(11211, '10.0.0.1');
 * pool.addConnection(11211, '10.0.0.2');
 *
 * async function main(): Promise<void> {
 *   await pool.ready(1);
 *   pool.pick().socket.write('version\r\n'); // shared with other users
 *   await pool.use(({ socket }) => socket.write('version\r\n')); // alone
 *   await pool.disconnect({ drain: 5_000 });
 * }
 *
 * void main();
 * ```
 */
export class Pool<H extends Handler = Handler> implements Iterable<Connection<H>> {
  /** The name given to `createPool()`. */
  readonly name: string;
  readonly #core: PoolCore<H>;

  /** @internal Its discovery begins later. It calls `listed` before it obeys its signal, which may be aborted already. */
  constructor(
    name: string,
    factory: HandlerFactory<H>,
    options: PoolOptions<H>,
    owner: PoolOwner,
    listed: (pool: Pool<H>) => void,
  ) {
    const [settings, given] = readPoolOptions(options);
    this.name = name;
    this.#core = new PoolCore(name, factory, settings, new MemberOptions(given), owner);
    rememberInside(this, this.#core);
    this.#core.reconciler?.start();
    listed(this);
    if (settings.signal) this.#core.end.obey(settings.signal);
  }

  /** How many connections the pool has. */
  get size(): number {
    return this.#core.size;
  }

  /** How many of its connections are ready, with or without a lease. */
  get readyCount(): number {
    return this.#core.roster.ready;
  }

  /**
   * Adds a connection at the end, which dials at once. Its options replace those of the pool.
   * @throws `OptionError` for a wrong argument, or a wrong handler from the factory; `ClosedError` after `disconnect()`; what
   * the factory throws. Then no connection was added.
   */
  addConnection(port: number, host: string, options?: ConnectionOptions<H>): Connection<H>;
  addConnection(endpoint: Endpoint, options?: ConnectionOptions<H>): Connection<H>;
  addConnection(...args: unknown[]): Connection<H> {
    const { target, rest } = endpointArguments(args);
    const options = this.#core.options.overriddenBy(rest[0]);
    const endpoint = leadingTo(target, options.prelude?.target);
    const key = endpointKey(endpoint);
    return this.#core.open({ key, endpoint, rank: {}, isDiscovered: false, options });
  }

  /**
   * Disconnects one connection of the pool. With `drain`, what is under way may take that long. Resolves when the connection is
   * closed and has left the pool; never rejects.
   * @throws `OptionError` for a connection that is not in the pool.
   */
  removeConnection(connection: Connection<H>, options?: DrainOptions): Promise<void> {
    const drain = readDrain(options);
    const member = this.#core.memberOf(connection);
    if (!member) throw new OptionError('connection', `a connection of the pool ${this.name}`, connection);
    const { whenClosed } = member;
    member.leave(drain);
    return whenClosed;
  }

  /**
   * The socket of the connection at `index`, in the order added.
   * @throws `RangeError` for an index without a connection.
   */
  getConnection(index: number): ManagedSocket {
    return this.#at(index).socket;
  }

  /**
   * The handler of the connection at `index`, in the order added.
   * @throws `RangeError` for an index without a connection.
   */
  getHandler(index: number): H {
    return this.#at(index).handler;
  }

  /** The present connections, in the order added. */
  [Symbol.iterator](): IterableIterator<Connection<H>> {
    const members = this.#core.roster.members.toArray();
    return members.map(({ connection }) => connection).values();
  }

  /**
   * Resolves once `count` connections are ready at the same time. Without a count, that is as many as the pool has now; with
   * discovery, as many as it has after the first answer, or fewer, but at least one, if discovery takes some away.
   * @throws (rejects) `ClosedError` when the pool is disconnected, or a connection leaves it and too few are left;
   * `NoConnectionError`, without a count, when discovery has ended and there is no connection; `TimeoutError` after `timeout`; the signal's reason.
   */
  ready(count?: number, options: ReadyOptions = {}): Promise<void> {
    if (count !== undefined) readyCount('count', count);
    return this.#core.waiters.within(count, options);
  }

  /**
   * Returns the next ready connection without a lease, for use together with others. The option `pick` chooses, or the `key`.
   * @throws `NoConnectionError` when there is none; `ClosedError` after `disconnect()`; `OptionError` for a wrong option; what
   * your own `pick` function throws.
   */
  pick(options?: PickOptions): Connection<H> {
    return this.#core.leases.picks.pick(options);
  }

  /**
   * As `pick()`, but waits for a connection where none is free, in one queue with the callers of `acquire()`. A loop that calls
   * it never starves the event loop.
   * @throws (rejects) as `acquire()`, and what your own `pick` function throws.
   */
  pickReady(options?: PickReadyOptions): Promise<Connection<H>> {
    return this.#core.leases.picks.pickReady(options);
  }

  /**
   * Leases a ready connection for exclusive use, if one is free and no caller of `acquire()` waits.
   * @throws `ClosedError` after `disconnect()`; `OptionError` for a wrong option; what your own `pick` function throws.
   */
  tryAcquire(options?: LeaseOptions): Lease<H> | undefined {
    return this.#core.leases.tryAcquire(options);
  }

  /**
   * Leases a ready connection for exclusive use as soon as one is free: first come, first served.
   * @throws (rejects) `TimeoutError` at the deadline, with the last failure as its cause when no connection is ready;
   * `QueueFullError` when `maxWaiters` callers wait; `NoConnectionError` when the pool has no connection, and discovery will
   * not bring one; `ClosedError` when the pool is disconnected; the signal's reason when aborted.
   */
  acquire(options?: AcquireOptions): Promise<Lease<H>> {
    return this.#core.leases.acquire(options);
  }

  /**
   * Calls `work` with a lease, releases the lease when its promise is settled, and resolves with its result, also if the life
   * has ended in the meantime. If `work` throws or rejects before it has released the lease, connman ends the connection's life,
   * because it may be in the middle of an exchange.
   * @throws (rejects) as `acquire()`; what `work` throws; `LifeEndedError`, unless the lease is lasting, if a write was refused
   * since the life has ended (then its `result` is what `work` has returned), or if `work` has not settled `drain` milliseconds
   * after that.
   */
  use<T>(work: (lease: Lease<H>) => Promise<T> | T, options?: AcquireOptions): Promise<T> {
    return this.#core.leases.use(work, options);
  }

  /**
   * Changes the number of connections per discovered endpoint: opens the missing ones, and drains the others.
   * @throws `OptionError` for a wrong number, or a pool without discovery; `ClosedError` after `disconnect()`.
   */
  resize(perEndpoint: number | ElasticOptions): void {
    const elastic = readPerEndpoint('perEndpoint', perEndpoint);
    this.#reconciler.resize(elastic);
  }

  /**
   * Asks discovery now, and opens at once what the last snapshot wants and the pool lacks: also what was closed by a failure that
   * trying again could not mend, such as a wrong password.
   * @throws `OptionError` for a pool without discovery; `ClosedError` after `disconnect()`.
   */
  refresh(): void {
    this.#reconciler.refresh();
  }

  /**
   * Disconnects all connections and frees the name at once. From now on, connections can be neither added nor asked for. With
   * `drain`, what is under way may take that long, and callers that wait for one already are served until then; without it, they get
   * a `ClosedError`. A later call replaces the times of an earlier one. Resolves when all sockets are closed; never rejects.
   */
  disconnect(options?: DrainOptions): Promise<void> {
    this.#core.end.disconnect(readDrain(options));
    return this.#core.end.whenClosed;
  }

  /** A snapshot of the pool, with its counters so far. */
  stats(): PoolStats {
    return poolStats(this.#core);
  }

  /** `await using`: disconnects. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect();
  }

  /** @internal */
  [inspect.custom](): string {
    const { health, leases, isClosed } = this.#core;
    return inspectPool(this, { ...health.report, waiting: leases.waiting, isClosed });
  }

  get #reconciler(): Reconciler<H> {
    this.#core.refuseClosed();
    if (this.#core.reconciler) return this.#core.reconciler;
    throw new OptionError('pool', 'a pool with the option discovery', undefined, `the pool ${this.name}`);
  }

  #at(index: number): Connection<H> {
    const member = Number.isInteger(index) ? this.#core.roster.members.at(index) : undefined;
    if (member) return member.connection;
    const expected =
      this.size > 0
        ? `a whole number from 0 to ${this.size - 1}`
        : `a connection of the pool ${this.name}, which has none`;
    throw new RangeError(`index: expected ${expected}, got ${describe(index)}`);
  }
}
