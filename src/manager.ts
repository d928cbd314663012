import { inspect } from 'node:util';
import {
  EndpointTotals,
  Shared,
  connectionStates,
  createConnection,
  loneStats,
  type Connection,
  internals,
  resolveOptions,
  type ConnectionOptions,
  type ConnectionOwner,
  type ConnectionStats,
  type Handler,
  type LoneStats,
} from './connection/index.js';
import {
  createPool,
  readDrain,
  type DrainOptions,
  type HandlerFactory,
  type Pool,
  type PoolOptions,
  type PoolStats,
} from './pool/index.js';
import { countFrom, filledString, isClass, readOptions, type Check } from './primitives/checks.js';
import { endpointsArguments, type Endpoint } from './primitives/endpoint.js';
import { once } from './primitives/once.js';
import { OptionError, PoolExistsError } from './primitives/errors.js';
import { rememberInside } from './telemetry/index.js';

/** Options of a {@link ConnectionManager}. An option that is `undefined` counts as absent. */
export interface ManagerOptions {
  /**
   * The most dials to one endpoint at the same time, at least 1. A server that has just started gets fewer: first one dial,
   * and twice as many after each round that succeeds.
   * @default 256
   */
  maxDialing?: number | undefined;
  /**
   * The most dials to all endpoints together at the same time, at least 1: each takes a file descriptor. Endpoints take turns, in
   * the order in which they came to wait.
   * @default 1 024
   */
  maxDialingInAll?: number | undefined;
}

/** The state of all that a {@link ConnectionManager} has: a frozen snapshot. */
export interface ManagerStats {
  /** The pools, in the order in which they were made. */
  readonly pools: readonly PoolStats[];
  /** The connections that belong to no pool and are not closed, in the order in which they were made. Made when first read. */
  readonly connections: readonly ConnectionStats[];
  /** The same connections together, with counters that include closed ones. Made when first read, and not enumerable. */
  readonly lone: LoneStats;
}

const checks: Readonly<Record<keyof ManagerOptions, Check>> = {
  maxDialing: countFrom(1),
  maxDialingInAll: countFrom(1),
};

/**
 * A registry of connections and pools. Libraries and tests make their own, so that names, gates and `disconnectAll()` do not
 * affect others. The functions `connect()`, `createPool()`, `getPool()` and `disconnectAll()` belong to a default manager.
 *
 * @example
 * ```ts
 * import { ConnectionManager } from 'connman';
 *
 * const manager = new ConnectionManager({ maxDialing: 16 });
 * manager.connect(6379, '127.0.0.1', {
 *   onConnect: (socket) => socket.write('PING\r\n'),
 *   onReset: (reset) => console.log(`lost: ${reset.code}`),
 * });
 * process.once('SIGTERM', () => void manager.disconnectAll({ grace: 500 }));
 * ```
 */
export class ConnectionManager {
  readonly #connections: Set<Connection> = new Set();
  readonly #pools: Map<string, Pool> = new Map();
  readonly #defaults = resolveOptions();
  readonly #shared: Shared;
  readonly #totals: EndpointTotals = new EndpointTotals();
  readonly #owner: ConnectionOwner;

  /** @throws `OptionError` for an unknown option, or a value that is out of its range. */
  constructor(options: ManagerOptions = {}) {
    this.#shared = new Shared(readOptions<ManagerOptions>('options', options, checks));
    rememberInside(this, this.#shared);
    this.#owner = {
      shared: this.#shared,
      changing: (connection) => {
        if (connection.state === 'closed') this.#closed(connection);
      },
      changed: () => undefined,
      totalsFor: (endpoint) => this.#totals.of(endpoint),
    };
  }

  /**
   * Makes a connection, which dials at once and stays until it is disconnected. The handler is never called before this
   * returns. Of several endpoints, the connection uses one at a time: it stays with one that works, and dials the next in order
   * as soon as one fails.
   * @throws `OptionError` (a `TypeError`) for a wrong argument, option or handler. Then nothing was opened.
   */
  connect<H extends Handler>(
    port: number,
    host: string,
    handler: H,
    options?: ConnectionOptions<H & {}>,
  ): Connection<H>;
  connect<H extends Handler>(
    endpoint: Endpoint | readonly Endpoint[],
    handler: H,
    options?: ConnectionOptions<H & {}>,
  ): Connection<H>;
  connect(...args: unknown[]): Connection {
    const { target, rest } = endpointsArguments(args);
    const options = rest[1];
    const resolved = options === undefined ? this.#defaults : resolveOptions(options as ConnectionOptions);
    if (resolved.liveness?.overlaps) {
      throw new OptionError('options.maxAge.overlap', 'false or nothing outside a pool', true);
    }
    const connection = createConnection(target, rest[0] as Handler, resolved, this.#owner);
    this.#connections.add(connection);
    internals(connection).start();
    return connection;
  }

  /**
   * Makes a pool, which has no connections until you add some or its discovery brings them. The factory is called for each
   * connection and returns its handler.
   * @throws `OptionError` for a wrong argument or option; `PoolExistsError` while a pool of this name is connected.
   */
  createPool<H extends Handler>(
    name: string,
    factory: HandlerFactory<H>,
    options: PoolOptions<H> = {},
  ): Pool<H> {
    filledString('name', name);
    if (typeof factory !== 'function' || isClass(factory)) {
      const got = isClass(factory) ? 'a class (pass () => new …)' : undefined;
      throw new OptionError('factory', 'a function that returns a handler', factory, got);
    }
    if (this.#pools.has(name)) {
      throw new PoolExistsError(`a pool named ${name} exists: disconnect it first, or choose another name`, {
        pool: name,
      });
    }
    const owner = { shared: this.#shared, disconnected: () => this.#pools.delete(name) };
    return createPool(name, factory, options, owner, (pool) => {
      this.#pools.set(name, pool as unknown as Pool);
    });
  }

  /** Returns the pool of this name, or `undefined` if there is none or it is disconnected. */
  getPool(name: string): Pool | undefined {
    return this.#pools.get(name);
  }

  /** The pools, in the order in which they were made, without those that were disconnected. */
  get pools(): readonly Pool[] {
    return [...this.#pools.values()];
  }

  /** The connections that were made by `connect()` and are not closed, in the order in which they were made. */
  get connections(): readonly Connection[] {
    return [...this.#connections];
  }

  /** A snapshot of all its pools, and of all its connections that belong to none. */
  stats(): ManagerStats {
    const { connections } = this;
    const stats = once(() => Object.freeze(connections.map((connection) => connection.stats())));
    const lone = once(() => loneStats(connections.map(internals), this.#totals, connectionStates));
    const snapshot = {
      pools: Object.freeze(this.pools.map((pool) => pool.stats())),
      get connections() {
        return stats();
      },
    };
    return Object.freeze(Object.defineProperty(snapshot, 'lone', { get: lone }) as ManagerStats);
  }

  /**
   * Disconnects all pools and all connections; the manager can be used again. With `drain`, what is under way may take that long:
   * see {@link DrainOptions}. A connection without a pool whose handler has no `onRetire`, and which has no `Requests`, is closed
   * at once, as it cannot say when it is idle. Resolves when all sockets are closed; never rejects.
   */
  disconnectAll(options?: DrainOptions): Promise<void> {
    const drain = readDrain(options);
    const pools = [...this.#pools.values()].map((pool) => pool.disconnect(drain));
    const closed = [...this.#connections].map((connection) => {
      const core = internals(connection);
      core.leave(drain);
      return core.whenClosed();
    });
    return Promise.all([...pools, ...closed]).then(() => undefined);
  }

  #closed(connection: Connection): void {
    this.#connections.delete(connection);
    // Endpoints that no connection has any more are looked for when they may be the larger part.
    if (this.#totals.size <= 2 * this.#connections.size + 64) return;
    this.#totals.retain(this.connections.flatMap((each) => internals(each).dialer.failover.endpoints));
  }

  /** @internal */
  [inspect.custom](): string {
    const [connections, pools] = [this.#connections.size, this.#pools.size];
    return `ConnectionManager { connections: ${connections}, pools: ${pools} }`;
  }
}
