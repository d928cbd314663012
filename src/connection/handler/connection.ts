import { inspect } from 'node:util';
import { endpointList, type Endpoint } from '../../primitives/endpoint.js';
import { inspectConnection, type ConnectionState } from '../../telemetry/index.js';
import type { DisconnectOptions, ManagedSocket } from '../socket/managed-socket.js';
import type { CloseReason, ConnectionStats, DialFailure, Reset } from '../stats/counters.js';
import { readyWithin, resetLife, type ReadyOptions, type ResetOptions } from './call-options.js';
import type { Core } from './connection-core.js';
import { signalOf } from './life-signal.js';

export type { DisconnectOptions, ManagedSocket } from '../socket/managed-socket.js';

/**
 * What your application does with a connection. `connect()` takes one, and the factory of a pool makes one for each connection.
 * Only `onConnect` is required.
 *
 * The methods are called in this order: `onConnect (onData* onReset onReconnect)* … onReset? onClose`. They are called as
 * methods, so `this` is the handler, and in the async context (`AsyncLocalStorage`) of the call that made the connection. They
 * are never called before `connect()` has returned, in the middle of a change of state, or after `onClose`; only `onError` may
 * be called after it. All but `onData` get the connection as their last argument.
 *
 * A method whose name is almost one of these, such as `ondata`, is refused. Methods of other names are your own.
 *
 * @example
 * ```ts
 * import { connect, type Connection, type Handler, type ManagedSocket } from 'connman';
 *
 * class Client implements Handler {
 *   onConnect(socket: ManagedSocket, { life }: Connection): void {
 *     console.log(`life ${life}`);
 *     socket.write('PING\r\n');
 *   }
 *   onData(chunk: Buffer): void {
 *     console.log(chunk.toString());
 *   }
 * }
 *
 * connect(6379, '127.0.0.1', new Client());
 * ```
 */
export interface Handler {
  /**
   * The first life begins; without `onReconnect`, any life. A promise makes it a handshake: the connection is ready when it
   * resolves, and the life ends (code `handshake`) when it rejects or takes longer than `handshakeTimeout`. Give
   * `connection.signal` to what it waits for: that aborts with the life.
   */
  onConnect(socket: ManagedSocket, connection: Connection): unknown;
  /**
   * A later life begins. Over TCP and Unix sockets, `socket` is the object that `onConnect` received; over TLS it is a new one.
   * A promise is a handshake, as for `onConnect`. Without this method, `onConnect` is called.
   */
  onReconnect?(socket: ManagedSocket, connection: Connection): unknown;
  /**
   * A life has ended. Called once for each life, never for a failed dial. Whatever was written and not yet answered is lost.
   */
  onReset?(reset: Reset, connection: Connection): void;
  /**
   * Bytes have arrived. It has to be there at `connect()`; leave it out to read the socket yourself. Then begin to read (`'data'`,
   * `'readable'`, `pipe()`, `for await`) synchronously in `onConnect` and `onReconnect`: connman discards input that has no reader.
   */
  onData?(chunk: Buffer): void;
  /**
   * You may write again, after a `write()` has returned false: whenever the present socket emits `'drain'`. So it also comes
   * when a later life is ready, over TLS as well, where `write()` was called on the socket of an earlier life.
   */
  onDrain?(connection: Connection): void;
  /**
   * The present life retires: it gets no new work from a pool, and ends when your promise resolves, at the latest after `drain`. You
   * may write until then. Comes before `onReset`; not where a life ends at once. `reason` is that of `retire()` or `disconnect()`.
   */
  onRetire?(reason: Error | undefined, connection: Connection): unknown;
  /** A dial of this connection has failed, and another dial will follow. */
  onRetry?(failure: DialFailure, connection: Connection): void;
  /** The connection is closed. Called once, and last; only `onError` may follow, with an error that a callback threw. */
  onClose?(reason: CloseReason, connection: Connection): void;
  /**
   * Your code threw or rejected with `error`. `where` names it: a callback such as `onData`, or `heartbeat.ping`, or `backoff`.
   * A failed handshake ends its life instead. Without this method, the error is thrown as an uncaught exception.
   */
  onError?(error: unknown, where: string, connection: Connection): void;
}

/** What is behind a connection. */
export let coreOf: <H extends Handler>(connection: Connection<H>) => Core<H>;

/**
 * A lasting connection: one handler, one socket, many lives. `connect()` and `pool.addConnection()` make it, and it dials at
 * once. It ends only by `disconnect()`, by its `signal`, by a fatal failure, or after `maxAttempts` failures in a row.
 *
 * @example
 * ```ts
 * import { connect } from 'connman';
 *
 * const connection = connect(6379, '127.0.0.1', {
 *   onConnect: (socket) => socket.write('PING\r\n'),
 *   onData: (chunk) => console.log(String(chunk)),
 * });
 * await connection.ready();
 * await connection.disconnect();
 * ```
 */
export class Connection<H extends Handler = Handler> {
  readonly #core: Core<H>;

  /** @internal */
  constructor(makeCore: (face: Connection<H>) => Core<H>) {
    this.#core = makeCore(this);
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

  /** The socket, over TLS a new one for each dial, else always the same. While the link is down, it refuses what is written. */
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
   * The signal of the present life; between lives, that of the last one. It is aborted when the life ends, before another one
   * begins, with a `LifeEndedError` that has the reset. Give it to what belongs to one life: a handshake, a request, a timer.
   */
  get signal(): AbortSignal {
    return signalOf(this.#core);
  }

  /**
   * Resolves with the socket when the connection is ready: at once if it is.
   * @throws (rejects) `ClosedError` when the connection is closed, with the last error as its cause; `TimeoutError` after `timeout`;
   * the signal's reason when `signal` aborts.
   */
  ready(options: ReadyOptions = {}): Promise<ManagedSocket> {
    return readyWithin(this.#core, options);
  }

  /**
   * Ends the present life, if there is one, with the code `requested`, and reconnects. `reason` becomes the reset's error. With
   * `after`, no dial begins before that: call it when the peer says "come back in 3 s".
   * @throws `OptionError` for a reason that is not an `Error`, or a wrong option.
   */
  reset(reason?: Error, options?: ResetOptions): void {
    resetLife(this.#core, reason, options);
  }

  /**
   * Ends the present life (code `retired`) once nothing is under way, as `onRetire`, a `Requests` and a lease say, at the latest after
   * the `drain` of its pool, or 10 s; then it dials at once, the first of several endpoints, or with a `reason`, which becomes the
   * reset's error, the first other one. Call it when the peer says that it will go. Until then you may write, `ready()` waits for
   * the next life, and `stats().retiring` is true. Connections of a pool take turns, while another is ready. A handshake is ended
   * at once. Resolves when the life is over, in whatever way; at once where there is none. Never rejects.
   * @throws `OptionError` for a reason that is not an `Error`.
   */
  retire(reason?: Error): Promise<void> {
    return this.#core.retire(reason);
  }

  /**
   * Replaces the endpoints: one, or several to fail over between in order. The life goes on if its endpoint is among them; otherwise
   * it retires (see `retire()`), and the first of them is dialled. In a pool, another one is ready at one of them before that.
   * @throws `OptionError` for a wrong endpoint, or where discovery has opened the connection.
   */
  setEndpoints(endpoints: Endpoint | readonly Endpoint[]): void {
    if (this.#core.dialer.setEndpoints(endpointList(endpoints))) void this.#core.retire(undefined);
  }

  /**
   * Skips the rest of the wait for the next dial, and goes before other connections that wait for the same endpoint. In a
   * backoff of your own it skips the wait that the backoff is asked for. In other states it has no effect.
   */
  reconnectNow(): void {
    this.#core.dialer.makeUrgent();
  }

  /**
   * Stops reconnecting, flushes what was written, ends the socket and, after `grace` milliseconds, destroys it; with `drain`, once
   * nothing is under way, as `retire()` does. Works in every state. A later call replaces the times. Resolves when the socket is
   * closed; never rejects.
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
