import { inspect } from 'node:util';
import { readSignal } from '../primitives/checks.js';
import type { Endpoint } from '../primitives/endpoint.js';
import { OptionError, type DialError } from '../primitives/errors.js';
import { Waiters } from '../primitives/waiters.js';
import { inspectConnection, publishCreate, publishHandlerError, publishPing } from '../telemetry/index.js';
import { closedError } from './closing.js';
import type { Commons } from './shared.js';
import type { ConnectionStats, Reset } from './stats/counters.js';
import { checkHandler, type DisconnectOptions, type Handler, type ManagedSocket } from './handler.js';
import type { ConnectionState } from './life-cycle.js';
import { Lifeline } from './lifeline.js';
import { checkReading, readGrace, type ResolvedOptions } from './options/options.js';

/** What a change was, told once it is complete and published. */
export type OwnerEvent = 'ready' | 'closing' | 'reset' | 'closed' | 'handler-error';

/** Who holds a connection and is told of its changes; never the application's own code. */
export interface ConnectionOwner<H extends Handler = Handler> {
  /** In the middle of a change of state, before anything is published: only books may be kept, no user code may run. */
  changing(connection: Connection<H>, from: ConnectionState): void;
  /** The change is complete and published: the owner may call the application. `reset` comes with the event 'reset'. */
  changed(connection: Connection<H>, event: OwnerEvent, reset?: Reset): void;
  /** Whether a life that is over its `maxAge` ends now. Without it: yes. An owner that says no ends it later. */
  mayRetire?(connection: Connection<H>): boolean;
  /** Whether a caller waits for one of its connections to be ready. */
  readonly isWanting?: boolean;
  /** What it shares with others. */
  readonly commons: Commons;
  /** The name of the pool, if the owner is one. */
  readonly pool?: string;
}

/** What `ready()` takes. */
export interface ReadyOptions {
  /** Aborting it rejects the promise with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * The lasting thing: one handler, one socket, many lives. Made by `connect()` and `pool.addConnection()`, dialling
 * from the start; ended only by `disconnect()`, its `signal` or `maxAttempts`.
 */
export class Connection<H extends Handler = Handler> extends Lifeline<H> {
  readonly #owner: ConnectionOwner<H>;
  #waiters: Waiters | undefined;
  #stopListening: (() => void) | undefined;

  /** @internal */
  constructor(
    endpoints: Endpoint | readonly Endpoint[],
    handler: H,
    options: ResolvedOptions,
    owner: ConnectionOwner<H>,
  ) {
    checkHandler(handler);
    checkReading(options, handler);
    super(endpoints, handler, options, owner.commons.gates);
    this.#owner = owner;
  }

  override get pool(): string | undefined {
    return this.#owner.pool;
  }

  /** @internal */
  get owner(): ConnectionOwner<H> {
    return this.#owner;
  }

  /** @internal Whether the link is up, whole, and not about to go. */
  get isUsable(): boolean {
    const { link } = this;
    return this.state === 'ready' && link.takesWrites && !link.isHalfClosed;
  }

  /**
   * @internal Whether it is usable, and nothing waits to be read. Of a socket that nobody reads, what comes from now on is
   * kept to be seen, instead of waiting in the system.
   */
  looksClean(): boolean {
    if (!this.isUsable) return false;
    const { socket } = this;
    if (socket.readableFlowing !== true) socket.read(0);
    return socket.readableLength === 0;
  }

  /** @internal What the last dial that failed failed by. */
  get lastDialError(): DialError | undefined {
    return this.ledger.lastDialError;
  }

  /** @internal Dials for the first time, unless aborted. For the owner to call once the connection is on its list. */
  start(): void {
    publishCreate(this);
    if (this.options.signal) this.#obey(this.options.signal);
    if (this.isNew && this.state === 'waiting') this.arrive();
  }

  /**
   * Resolves with the socket when the connection is ready, at once if it is.
   * @throws (rejects) `ClosedError` when the connection is closed, with the last dial's error as its cause.
   */
  ready(options: ReadyOptions = {}): Promise<ManagedSocket> {
    const signal = readSignal(options);
    if (this.state === 'closed') return Promise.reject(closedError(this.endpoint, this.lastCause));
    this.#waiters ??= new Waiters();
    const reached = this.#waiters.wait(1, signal);
    if (this.state === 'ready' && !this.socket.destroyed) this.#waiters.reached(1);
    return reached.then(() => this.socket);
  }

  /** Ends the present life (code `requested`), for a reason the program has found, and reconnects. No effect outside a life. */
  reset(reason?: Error): void {
    if (reason !== undefined && !(reason instanceof Error))
      throw new OptionError('reason', 'an Error', reason);
    this.endLife('requested', reason);
  }

  /**
   * Skips the rest of the wait for the next dial, and goes before other connections that wait for the same endpoint. No
   * effect in other states.
   */
  reconnectNow(): void {
    if (this.state === 'waiting') this.hurry();
  }

  /**
   * Stops reconnecting, flushes what was written, ends the socket and, after `grace`, destroys it. Works in every state
   * and more than once (a later `grace` replaces the earlier one). Resolves when the socket is closed; never rejects.
   */
  override disconnect(options?: DisconnectOptions): Promise<void> {
    this.leave(readGrace(options));
    return this.whenClosed;
  }

  /** @internal As `disconnect()`: for who ends many, and has checked the options. */
  leave(grace: number | undefined): void {
    this.close('disconnect', undefined, grace);
  }

  /** Keeps the program alive, in waits as well: the default. */
  ref(): this {
    this.socket.ref();
    return this;
  }

  /** Lets the program end although this connection is there, in waits as well. */
  unref(): this {
    this.socket.unref();
    return this;
  }

  /** `await using`: disconnects. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect();
  }

  /** @internal */
  override handlerFailed(error: unknown, where: string): void {
    this.count('handler-error');
    publishHandlerError(this, error, where);
    this.#owner.changed(this, 'handler-error');
  }

  /** @internal */
  override pinged(): void {
    this.count('ping');
    publishPing(this);
  }

  /** What a logger that writes JSON shows: `stats()`, so neither the handler nor the options. */
  toJSON(): ConnectionStats {
    return this.stats();
  }

  /** @internal What `util.inspect()` and `console.log()` show: neither the handler nor the options. */
  [inspect.custom](): string {
    return inspectConnection(this);
  }

  /** @internal Whether somebody waits for it, or one like it, to be ready. */
  override get isWanted(): boolean {
    return (this.#waiters?.size ?? 0) > 0 || this.#owner.isWanting === true;
  }

  /** @internal */
  protected override get commons(): Commons {
    return this.#owner.commons;
  }

  /** @internal */
  protected override stateChanged(from: ConnectionState): void {
    if (this.state === 'ready') this.#waiters?.reached(1);
    if (this.state === 'closed') {
      this.#waiters?.fail(closedError(this.endpoint, this.lastCause));
      this.#stopListening?.();
    }
    this.#owner.changing(this, from);
  }

  /** @internal */
  protected override hasBecomeReady(): void {
    this.#owner.changed(this, 'ready');
  }

  /** @internal */
  protected override hasBegunToClose(): void {
    this.#owner.changed(this, 'closing');
  }

  /** @internal */
  protected override hasReset(reset: Reset): void {
    this.#owner.changed(this, 'reset', reset);
  }

  /** @internal */
  protected override hasClosed(): void {
    this.#owner.changed(this, 'closed');
  }

  /** @internal */
  protected override mayRetire(): boolean {
    return this.#owner.mayRetire?.(this) ?? true;
  }

  #obey(signal: AbortSignal): void {
    const abort = (): void => this.close('aborted', signal.reason);
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort);
    this.#stopListening = () => signal.removeEventListener('abort', abort);
  }
}
