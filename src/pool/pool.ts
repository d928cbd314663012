import { inspect } from 'node:util';
import {
  mergeOptions,
  resolveOptions,
  type Commons,
  type Connection,
  type ConnectionOptions,
  type Handler,
  type ManagedSocket,
  type ReadyOptions,
  type ResolvedOptions,
} from '../connection/index.js';
import { endpointKey } from '../discovery/index.js';
import { integerFrom, readSignal } from '../primitives/checks.js';
import { endpointArguments, type Endpoint } from '../primitives/endpoint.js';
import { describe, OptionError } from '../primitives/errors.js';
import { inspectPool, publishPoolDisconnect } from '../telemetry/index.js';
import { PoolCore } from './core.js';
import { followDiscovery, type PoolDefaults } from './following/follow-discovery.js';
import type { Lease } from './leases/lease.js';
import type { AcquireOptions, Leases } from './leases/leases.js';
import { readDrain, type DrainOptions } from './members/drain-options.js';
import type { Reconciler } from './following/reconciler.js';
import { connectionCount, readPoolOptions, type PoolOptions } from './options.js';
import { endpointStats, summarize, type PoolStats } from './stats.js';

/** Makes the handler of each connection of a pool. */
export type HandlerFactory<H extends Handler> = (endpoint: Endpoint) => H;

/** Who holds a pool. */
export interface PoolOwner {
  /** What its connections share with others. */
  readonly commons: Commons;
  /** The pool is disconnected. */
  disconnected(): void;
}

const wantedCount = integerFrom(0, Number.MAX_SAFE_INTEGER);

/**
 * A named, ordered set of connections, whose handlers one factory makes. A connection that is closed, for whatever
 * reason, leaves the pool, and those after it move up by one.
 */
export class Pool<H extends Handler = Handler> implements Iterable<Connection<H>> {
  /** The name given to `createPool()`. */
  readonly name: string;
  readonly #factory: HandlerFactory<H>;
  readonly #defaults: PoolDefaults;
  readonly #owner: PoolOwner;
  readonly #core: PoolCore<H>;
  readonly #leases: Leases<H>;
  readonly #reconciler: Reconciler<H> | undefined;

  /** @internal */
  constructor(name: string, factory: HandlerFactory<H>, options: PoolOptions<H>, owner: PoolOwner) {
    const [settings, given] = readPoolOptions(options);
    this.name = name;
    this.#factory = factory;
    this.#defaults = { given, resolved: resolveOptions(given) };
    this.#owner = owner;
    this.#core = new PoolCore(name, settings, owner.commons);
    this.#leases = this.#core.leases;
    this.#reconciler = followDiscovery(this.#core, settings, factory, this.#defaults);
    this.#core.growth = this.#reconciler;
  }

  /** How many connections the pool has. */
  get size(): number {
    return this.#core.size;
  }

  /** How many of them are ready to be used. */
  get readyCount(): number {
    return this.#core.roster.ready;
  }

  /** @internal Begins to follow its discovery. For the owner to call once the pool is on its list. */
  start(): void {
    this.#reconciler?.start();
  }

  /**
   * Adds a connection at the end, which dials at once. Its options override those of the pool.
   * @throws `OptionError` for wrong arguments, or a wrong handler from the factory; `ClosedError` after
   * `disconnect()`; and what the factory throws. Then nothing was added.
   */
  addConnection(port: number, host: string, options?: ConnectionOptions): Connection<H>;
  addConnection(endpoint: Endpoint, options?: ConnectionOptions): Connection<H>;
  addConnection(...args: unknown[]): Connection<H> {
    const { target: endpoint, rest } = endpointArguments(args);
    const overrides = rest[0];
    const options = overrides === undefined ? this.#defaults.resolved : this.#resolve(overrides);
    const key = endpointKey(endpoint);
    return this.#core.open({
      key,
      endpoint,
      priority: 0,
      isDiscovered: false,
      options,
      factory: this.#factory,
    });
  }

  /**
   * Disconnects one of the pool's connections, after its lease if there is time to `drain`; resolves when it is closed, and
   * has left the pool.
   * @throws `OptionError` for a connection of another pool, or one that has left this pool.
   */
  removeConnection(connection: Connection<H>, options?: DrainOptions): Promise<void> {
    const drain = readDrain(options);
    const member = this.#core.memberOf(connection);
    if (!member) throw new OptionError('connection', `a connection of the pool ${this.name}`, connection);
    member.leave(drain);
    return connection.whenClosed;
  }

  /**
   * The socket of the connection at `index`, in the order added.
   * @throws `RangeError` beyond the last one.
   */
  getConnection(index: number): ManagedSocket {
    return this.#at(index).socket;
  }

  /**
   * The handler of the connection at `index`, in the order added.
   * @throws `RangeError` beyond the last one.
   */
  getHandler(index: number): H {
    return this.#at(index).handler;
  }

  /** The connections, in the order added. */
  [Symbol.iterator](): IterableIterator<Connection<H>> {
    return this.#core.roster.members
      .toArray()
      .map(({ connection }) => connection)
      .values();
  }

  /**
   * Resolves once `count` connections are ready at the same time; without a count, as many as the pool has now, or, if
   * its discovery has not answered yet, as many as it has then: fewer, but at least one, if discovery takes some away.
   * @throws (rejects) `ClosedError` when the pool is disconnected, or when a connection leaves it and it becomes too
   * small, with what went wrong last as its cause; `NoConnectionError`, without a count, when its discovery has ended and
   * there is no connection; the signal's reason when aborted.
   */
  ready(count?: number, options: ReadyOptions = {}): Promise<void> {
    if (count !== undefined) wantedCount('count', count);
    const signal = readSignal(options);
    const { closedError, roster, waiters } = this.#core;
    if (closedError) return Promise.reject(closedError);
    if (count === undefined && this.#reconciler?.hasAnswered === false) {
      return this.#reconciler.answered(signal).then(() => this.ready(undefined, options));
    }
    const reached = count === undefined ? this.#core.allReady(signal) : waiters.wait(count, signal);
    waiters.reached(roster.ready);
    return reached;
  }

  /**
   * A ready connection that is not lent, for use together with others: the next in the way of the option `pick`.
   * @throws `NoConnectionError` when there is none; `ClosedError` after `disconnect()`; what a `pick` of your own throws.
   */
  pick(): Connection<H> {
    return this.#leases.pick();
  }

  /**
   * Lends a ready connection for exclusive use, if one is free and nobody waits.
   * @throws `ClosedError` after `disconnect()`; what a `pick` of your own throws.
   */
  tryAcquire(): Lease<H> | undefined {
    return this.#leases.tryAcquire();
  }

  /**
   * Lends a ready connection for exclusive use, as soon as one is free: first come, first served.
   * @throws (rejects) `TimeoutError` at the deadline, with what went wrong last as its cause when no connection is ready;
   * `QueueFullError` when `maxWaiters` wait already; `NoConnectionError` when the pool has no connection, and discovery will
   * not bring one; `ClosedError` when the pool is disconnected; the signal's reason when aborted.
   */
  acquire(options?: AcquireOptions): Promise<Lease<H>> {
    return this.#leases.acquire(options);
  }

  /**
   * Calls `work` with a lease, which ends when its promise is settled; resolves with its result. When `work` throws or
   * rejects, the connection's life ends with the lease, as nobody can know what it is in the middle of; unless `work` has
   * released it before.
   * @throws (rejects) as `acquire()`, and what `work` throws.
   */
  use<T>(work: (lease: Lease<H>) => Promise<T> | T, options?: AcquireOptions): Promise<T> {
    return this.#leases.use(work, options);
  }

  /**
   * Goes on with so many connections per endpoint of its discovery: opens what is missing, and drains what is too much.
   * @throws `OptionError` for a wrong number; `ClosedError` after `disconnect()`.
   */
  resize(perEndpoint: number): void {
    connectionCount('perEndpoint', perEndpoint);
    this.#core.refuseClosed();
    if (!this.#reconciler) {
      throw new OptionError('pool', 'a pool with the option discovery', undefined, `the pool ${this.name}`);
    }
    this.#reconciler.resize(perEndpoint);
  }

  /**
   * Disconnects all connections, lent ones after their leases if there is time to `drain`, and frees the name at once;
   * resolves when all sockets are closed. Never rejects. From now on nothing can be added, lent or picked; who waits for a
   * lease gets a `ClosedError`.
   */
  disconnect(options?: DrainOptions): Promise<void> {
    const drain = readDrain(options);
    const core = this.#core;
    const isFirst = !core.isClosed;
    if (isFirst) this.#close();
    for (const member of core.roster.members.toArray()) member.leave(drain);
    if (isFirst) core.closeIfEmpty();
    return core.whenClosed;
  }

  /** What has happened so far: a snapshot that does not change. */
  stats(): PoolStats {
    const { added, departed, health, leases, roster, size } = this.#core;
    const connections = Object.freeze([...this].map((connection) => connection.stats()));
    return Object.freeze({
      name: this.name,
      ...health.report,
      size,
      ready: roster.ready,
      waiting: leases.waiting,
      ...leases.counters,
      added,
      removed: added - size,
      ...summarize(connections, departed.counters),
      endpoints: endpointStats(roster.groups.values(), connections),
      connections,
    });
  }

  /** `await using`: disconnects. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect();
  }

  /** @internal What `util.inspect()` and `console.log()` show. */
  [inspect.custom](): string {
    return inspectPool(this);
  }

  #close(): void {
    const core = this.#core;
    core.isClosed = true;
    const error = core.closedError as Error;
    core.waiters.fail(error, -1);
    this.#reconciler?.stop(error);
    this.#owner.disconnected();
    publishPoolDisconnect(this);
    core.leases.failAll(() => error);
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

  #resolve(overrides: unknown): ResolvedOptions {
    return resolveOptions(mergeOptions(this.#defaults.given, overrides as ConnectionOptions));
  }
}
