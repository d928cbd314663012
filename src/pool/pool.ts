import { inspect } from 'node:util';
import {
  Connection,
  mergeOptions,
  noCounters,
  readGrace,
  resolveOptions,
  type ConnectionOptions,
  type ConnectionOwner,
  type Counters,
  type DisconnectOptions,
  type Handler,
  type ManagedSocket,
  type ReadyOptions,
  type ResolvedOptions,
  type Sweep,
} from '../connection/index.js';
import { integerFrom, readSignal } from '../primitives/checks.js';
import { endpointArguments, type Endpoint } from '../primitives/endpoint.js';
import { ClosedError, describe, OptionError } from '../primitives/errors.js';
import { Waiters } from '../primitives/waiters.js';
import {
  inspectPool,
  publishPoolAdd,
  publishPoolClose,
  publishPoolDisconnect,
  publishPoolRemove,
} from '../telemetry/index.js';
import { addCounters, summarize, type PoolStats } from './stats.js';

/** Makes the handler of each connection of a pool. */
export type HandlerFactory<H extends Handler> = (endpoint: Endpoint) => H;

/** Defaults for the pool's connections. */
export type PoolOptions = ConnectionOptions;

/** Who holds a pool. */
export interface PoolOwner {
  /** What looks after the lives of all its connections. */
  readonly sweep: Sweep;
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
  readonly #defaults: PoolOptions;
  readonly #resolvedDefaults: ResolvedOptions;
  readonly #owner: PoolOwner;
  readonly #connections: Connection<H>[] = [];
  readonly #waiters: Waiters = new Waiters();
  readonly #connectionOwner: ConnectionOwner<H>;
  #readyCount = 0;
  #isClosed = false;
  #added = 0;
  /** How many connections have left, and everybody has been told. */
  #gone = 0;
  /** What was counted of the connections that have left. */
  #departed: Counters = noCounters;

  /** @internal */
  constructor(name: string, factory: HandlerFactory<H>, options: PoolOptions, owner: PoolOwner) {
    this.name = name;
    this.#factory = factory;
    this.#resolvedDefaults = resolveOptions(options);
    this.#defaults = mergeOptions({}, options);
    this.#owner = owner;
    this.#connectionOwner = {
      pool: name,
      sweep: owner.sweep,
      stateChanged: (connection, from) => {
        if (from === 'ready') this.#readyCount -= 1;
        if (connection.state === 'ready') this.#waiters.reached(++this.#readyCount);
        if (connection.state === 'closed') this.#remove(connection);
      },
      handlerFailed: (connection) => {
        if (connection.state === 'closed') this.#countLateError();
      },
      hasClosed: (connection) => {
        this.#gone += 1;
        publishPoolRemove(this, connection);
        this.#closeIfEmpty();
      },
    };
  }

  /** How many connections the pool has. */
  get size(): number {
    return this.#connections.length;
  }

  /** How many of them are ready. */
  get readyCount(): number {
    return this.#readyCount;
  }

  /**
   * Adds a connection at the end, which dials at once. Its options override those of the pool.
   * @throws `OptionError` for wrong arguments, or a wrong handler from the factory; `ClosedError` after
   * `disconnect()`; and what the factory throws. Then nothing was added.
   */
  addConnection(port: number, host: string, options?: ConnectionOptions): Connection<H>;
  addConnection(endpoint: Endpoint, options?: ConnectionOptions): Connection<H>;
  addConnection(...args: unknown[]): Connection<H> {
    const [endpoint, [overrides]] = endpointArguments(args);
    const options = overrides === undefined ? this.#resolvedDefaults : this.#resolve(overrides);
    this.#refuseClosed();
    const handler = this.#factory(endpoint);
    // The factory may have disconnected the pool.
    this.#refuseClosed();
    const connection = new Connection(endpoint, handler, options, this.#connectionOwner);
    this.#connections.push(connection);
    this.#added += 1;
    publishPoolAdd(this, connection);
    connection.start();
    return connection;
  }

  /**
   * Disconnects one of the pool's connections; resolves when it is closed, and has left the pool.
   * @throws `OptionError` for a connection of another pool, or one that has left this pool.
   */
  removeConnection(connection: Connection<H>, options?: DisconnectOptions): Promise<void> {
    if (!this.#connections.includes(connection)) {
      throw new OptionError('connection', `a connection of the pool ${this.name}`, connection);
    }
    return connection.disconnect(options);
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
    return [...this.#connections].values();
  }

  /**
   * Resolves once `count` connections are ready at the same time; without a count, as many as the pool has now.
   * @throws (rejects) `ClosedError` when the pool is disconnected, or when a connection leaves it and it becomes too
   * small; the signal's reason when aborted.
   */
  ready(count: number = this.size, options: ReadyOptions = {}): Promise<void> {
    wantedCount('count', count);
    const signal = readSignal(options);
    if (this.#isClosed) return Promise.reject(this.#closedError());
    const reached = this.#waiters.wait(count, signal);
    this.#waiters.reached(this.#readyCount);
    return reached;
  }

  /**
   * Disconnects all connections and frees the name at once; resolves when all sockets are closed. Never rejects.
   * Nothing can be added to the pool any more.
   */
  disconnect(options?: DisconnectOptions): Promise<void> {
    readGrace(options);
    const isFirst = !this.#isClosed;
    if (isFirst) {
      this.#isClosed = true;
      this.#waiters.fail(this.#closedError(), -1);
      this.#owner.disconnected();
      publishPoolDisconnect(this);
    }
    const closed = [...this].map((connection) => connection.disconnect(options));
    if (isFirst) this.#closeIfEmpty();
    return Promise.all(closed).then(() => undefined);
  }

  /** What has happened so far: a snapshot that does not change. */
  stats(): PoolStats {
    const connections = Object.freeze(this.#connections.map((connection) => connection.stats()));
    const [added, size] = [this.#added, this.size];
    return Object.freeze({
      name: this.name,
      size,
      ready: this.#readyCount,
      added,
      removed: added - size,
      ...summarize(connections, this.#departed),
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

  #at(index: number): Connection<H> {
    const connection = Number.isInteger(index) ? this.#connections[index] : undefined;
    if (connection) return connection;
    const expected =
      this.size > 0
        ? `a whole number from 0 to ${this.size - 1}`
        : `a connection of the pool ${this.name}, which has none`;
    throw new RangeError(`index: expected ${expected}, got ${describe(index)}`);
  }

  #resolve(overrides: unknown): ResolvedOptions {
    return resolveOptions(mergeOptions(this.#defaults, overrides as ConnectionOptions));
  }

  #remove(connection: Connection<H>): void {
    const index = this.#connections.indexOf(connection);
    if (index >= 0) this.#connections.splice(index, 1);
    this.#departed = addCounters(this.#departed, connection.stats());
    const message = `pool ${this.name} has only ${this.size} connections left: one is closed`;
    this.#waiters.fail(new ClosedError(message, { pool: this.name }), this.size);
  }

  /** A callback of a connection that has left failed: `onClose`, or a promise of an earlier one. */
  #countLateError(): void {
    const { handlerErrors } = this.#departed;
    this.#departed = Object.freeze({ ...this.#departed, handlerErrors: handlerErrors + 1 });
  }

  #closeIfEmpty(): void {
    if (this.#isClosed && this.#gone === this.#added) publishPoolClose(this);
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw this.#closedError();
  }

  #closedError(): ClosedError {
    return new ClosedError(`pool ${this.name} is disconnected`, { pool: this.name });
  }
}
