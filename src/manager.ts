import { inspect } from 'node:util';
import {
  Commons,
  Connection,
  internals,
  resolveOptions,
  type ConnectionOptions,
  type ConnectionOwner,
  type Handler,
} from './connection/index.js';
import { Pool, readDrain, type DrainOptions, type HandlerFactory, type PoolOptions } from './pool/index.js';
import { callable, countFrom, filledString, readOptions, type Check } from './primitives/checks.js';
import { Departures } from './primitives/departures.js';
import { endpointsArguments, type Endpoint } from './primitives/endpoint.js';
import { PoolExistsError } from './primitives/errors.js';
import { publishPoolCreate } from './telemetry/index.js';

/** The options of a {@link ConnectionManager}; an option that is `undefined` counts as absent. */
export interface ManagerOptions {
  /**
   * How many dials to one endpoint may be in flight at once, at least 1. Whatever the number, a server that is just
   * starting, or coming back, is not sent them all at once: first one, and twice as many after each that succeed.
   * @default 256
   */
  maxDialing?: number | undefined;
}

const checks: Readonly<Record<keyof ManagerOptions, Check>> = { maxDialing: countFrom(1) };

/**
 * A registry of connections and pools of its own: for libraries, and for tests. The functions of the module are those
 * of a default manager.
 */
export class ConnectionManager {
  readonly #connections: Set<Connection> = new Set();
  readonly #pools: Map<string, Pool> = new Map();
  readonly #departures: Departures = new Departures();
  readonly #defaults = resolveOptions();
  readonly #commons: Commons;
  readonly #owner: ConnectionOwner;

  /** @throws `OptionError` for an unknown option, or a value that is out of its range. */
  constructor(options: ManagerOptions = {}) {
    this.#commons = new Commons(readOptions<ManagerOptions>('options', options, checks).maxDialing);
    this.#owner = {
      commons: this.#commons,
      changing: (connection) => {
        if (connection.state !== 'closed') return;
        this.#connections.delete(connection);
        this.#departures.gone(connection);
      },
      changed: () => undefined,
    };
  }

  /**
   * Makes a lasting connection and dials at once; the handler is never called before this has returned. Of several
   * endpoints it uses one at a time: the next in order when one fails, at once, and the one that works for as long as it does.
   * @throws `OptionError` (a `TypeError`) for a wrong argument, option or handler. Then nothing was opened.
   */
  connect<H extends Handler>(
    port: number,
    host: string,
    handler: H,
    options?: ConnectionOptions,
  ): Connection<H>;
  connect<H extends Handler>(
    endpoint: Endpoint | readonly Endpoint[],
    handler: H,
    options?: ConnectionOptions,
  ): Connection<H>;
  connect(...args: unknown[]): Connection {
    const { target, rest } = endpointsArguments(args);
    const options = rest[1];
    const resolved = options === undefined ? this.#defaults : resolveOptions(options as ConnectionOptions);
    const connection = new Connection(target, rest[0] as Handler, resolved, this.#owner);
    this.#connections.add(connection);
    internals(connection).start();
    return connection;
  }

  /**
   * Makes a pool, which is empty until connections are added or its discovery brings them. `factory` makes the handler of
   * each connection.
   * @throws `OptionError` for a wrong argument or option; `PoolExistsError` while a pool of this name is connected.
   */
  createPool<H extends Handler>(
    name: string,
    factory: HandlerFactory<H>,
    options: PoolOptions<H> = {},
  ): Pool<H> {
    filledString('name', name);
    callable('factory', factory);
    if (this.#pools.has(name)) {
      throw new PoolExistsError(`a pool named ${name} exists: disconnect it first, or choose another name`, {
        pool: name,
      });
    }
    const pool = new Pool(name, factory, options, {
      shared: this.#commons,
      disconnected: () => this.#pools.delete(name),
    });
    this.#pools.set(name, pool as unknown as Pool);
    publishPoolCreate(pool);
    return pool;
  }

  /** The pool of that name, unless it was never made or has been disconnected. */
  getPool(name: string): Pool | undefined {
    return this.#pools.get(name);
  }

  /**
   * Disconnects every pool and every connection; resolves when all sockets are closed. Never rejects. The manager can
   * be used again. The time to `drain` is for the leases of pools.
   */
  disconnectAll(options?: DrainOptions): Promise<void> {
    const drain = readDrain(options);
    const pools = [...this.#pools.values()].map((pool) => pool.disconnect(drain));
    const connections = [...this.#connections];
    const closed = this.#departures.wait(connections);
    for (const connection of connections) internals(connection).close('disconnect', undefined, drain.grace);
    return Promise.all([...pools, closed]).then(() => undefined);
  }

  /** @internal What `util.inspect()` and `console.log()` show. */
  [inspect.custom](): string {
    const [connections, pools] = [this.#connections.size, this.#pools.size];
    return `ConnectionManager { connections: ${connections}, pools: ${pools} }`;
  }
}

const defaultManager = new ConnectionManager();

/** `connect()` of the default manager. */
export const connect: ConnectionManager['connect'] = defaultManager.connect.bind(defaultManager) as never;
/** `createPool()` of the default manager. */
export const createPool: ConnectionManager['createPool'] = defaultManager.createPool.bind(defaultManager);
/** `getPool()` of the default manager. */
export const getPool: ConnectionManager['getPool'] = defaultManager.getPool.bind(defaultManager);
/** `disconnectAll()` of the default manager. */
export const disconnectAll: ConnectionManager['disconnectAll'] =
  defaultManager.disconnectAll.bind(defaultManager);
