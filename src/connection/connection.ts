import { inspect } from 'node:util';
import { readSignal } from '../primitives/checks.js';
import type { Endpoint } from '../primitives/endpoint.js';
import { OptionError } from '../primitives/errors.js';
import { inspectConnection } from '../telemetry/index.js';
import { ConnectionCore } from './core.js';
import { checkHandler, type DisconnectOptions, type Handler, type ManagedSocket } from './handler/handler.js';
import { signalOf } from './life-signal.js';
import type { ConnectionState } from './life-cycle.js';
import { checkReading, type ResolvedOptions } from './options/options.js';
import type { Owner } from './owner.js';
import type { ConnectionStats } from './stats/counters.js';

/** Who holds a connection and is told of its changes. */
export type ConnectionOwner<H extends Handler = Handler> = Owner<Connection<H>>;

/** The options of `connection.ready()`. */
export interface ReadyOptions {
  /** Aborting it rejects the promise with the signal's reason. */
  signal?: AbortSignal | undefined;
}

let coreOf: <H extends Handler>(connection: Connection<H>) => ConnectionCore<H, Connection<H>>;

/**
 * A lasting connection: one handler, one socket, many lives. `connect()` and `pool.addConnection()` make it, and it dials at
 * once. It ends only by `disconnect()`, by its `signal`, or after `maxAttempts` failed dials.
 *
 * @example
 * ```ts
 * import { connect } from 'connman';
 *
 * const connection = connect(6379, '127.0.0.1', {
 *   onConnect: (socket) => void socket.write('PING\r\n'),
 *   onReconnect: (socket) => void socket.write('PING\r\n'),
 *   onReset: ({ code, delay }) => console.log(`lost (${code}), next dial in ${delay} ms`),
 *   onData: (chunk) => console.log(String(chunk)),
 * });
 * await connection.ready();
 * console.log(connection.state, connection.life);
 * await connection.disconnect();
 * ```
 */
export class Connection<H extends Handler = Handler> {
  readonly #core: ConnectionCore<H, Connection<H>>;

  /** @internal */
  constructor(
    endpoints: Endpoint | readonly Endpoint[],
    handler: H,
    options: ResolvedOptions,
    owner: ConnectionOwner<H>,
  ) {
    checkHandler(handler);
    checkReading(options, handler);
    this.#core = new ConnectionCore<H, Connection<H>>(this, endpoints, handler, options, owner);
  }

  /** The number of the connection: unique in the process, and never used again. */
  get id(): number {
    return this.#core.id;
  }

  /** The handler that was given. */
  get handler(): H {
    return this.#core.handler;
  }

  /** The name of its pool, if it belongs to one. */
  get pool(): string | undefined {
    return this.#core.pool;
  }

  /** The endpoint being dialled or in use, or to be dialled next. */
  get endpoint(): Endpoint {
    return this.#core.endpoint;
  }

  /**
   * The socket. Over TCP and Unix sockets it is the same object for the life of the connection; over TLS each dial makes a new
   * one. Before the first dial has succeeded it is not connected.
   */
  get socket(): ManagedSocket {
    return this.#core.socket;
  }

  /** Where the connection is in its life-cycle. */
  get state(): ConnectionState {
    return this.#core.state;
  }

  /** How many lives have begun: the number of the present life, or of the last one. */
  get life(): number {
    return this.#core.life;
  }

  /** How long the present life has lasted, in milliseconds; 0 outside a life. */
  get uptime(): number {
    return this.#core.uptime;
  }

  /**
   * The signal of the present life. It is aborted when the life ends, before another one begins, with a `LifeEndedError`
   * that has the reset. Give it to what belongs to one life: a handshake that may be given up, a request, a timer. Between
   * lives it is that of the last one. Each life has a signal of its own.
   */
  get signal(): AbortSignal {
    return signalOf(this.#core);
  }

  /**
   * Resolves with the socket when the connection is ready: at once if it is.
   * @throws (rejects) `ClosedError` when the connection is closed, with the last error as its cause; the signal's reason when
   * `signal` aborts.
   */
  ready(options: ReadyOptions = {}): Promise<ManagedSocket> {
    return this.#core.ready(readSignal(options));
  }

  /**
   * Ends the present life with the code `requested`, and reconnects. `reason` becomes the reset's error. Outside a life it has
   * no effect.
   * @throws `OptionError` for a reason that is not an `Error`.
   */
  reset(reason?: Error): void {
    if (reason !== undefined && !(reason instanceof Error))
      throw new OptionError('reason', 'an Error', reason);
    this.#core.presentLife?.end('requested', reason);
  }

  /**
   * Skips the rest of the wait for the next dial, and goes before other connections that wait for the same endpoint. In a
   * backoff of your own it skips the wait that the backoff is asked for. In other states it has no effect.
   */
  reconnectNow(): void {
    this.#core.dialer.makeUrgent();
  }

  /**
   * Stops reconnecting, flushes what was written, ends the socket and, after `grace` milliseconds, destroys it. It works in
   * every state. A second call may replace the grace. Resolves when the socket is closed; never rejects.
   * @throws `OptionError` for an unknown option, or a value that is out of its range.
   */
  disconnect(options?: DisconnectOptions): Promise<void> {
    return this.#core.disconnect(options);
  }

  /** Keeps the process alive, between lives as well. This is the default. */
  ref(): this {
    this.#core.socket.ref();
    return this;
  }

  /** Lets the process exit although this connection exists, between lives as well. */
  unref(): this {
    this.#core.socket.unref();
    return this;
  }

  /** What has happened so far: a frozen snapshot. */
  stats(): ConnectionStats {
    return this.#core.stats();
  }

  /** What a logger that writes JSON shows: `stats()`, which holds neither the handler nor the options. */
  toJSON(): ConnectionStats {
    return this.#core.stats();
  }

  /** `await using`: disconnects. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#core.disconnect();
  }

  /** @internal What `util.inspect()` and `console.log()` show: neither the handler nor the options. */
  [inspect.custom](): string {
    return inspectConnection(this.#core);
  }

  static {
    coreOf = (connection) => connection.#core;
  }
}

/** What pools and managers use of a connection, beside what is public. */
export function internals<H extends Handler>(connection: Connection<H>): Internals<H> {
  return coreOf(connection);
}

/** The part of a connection that pools and managers use. */
export type Internals<H extends Handler> = Pick<
  ConnectionCore<H, Connection<H>>,
  'close' | 'closing' | 'link' | 'owner' | 'presentLife' | 'record' | 'start' | 'state'
>;
