import { isIP, type LookupFunction } from 'node:net';
import type { Backoff } from '../backoff/index.js';
import { abortable, checkOptions } from '../primitives/checks.js';
import { formatEndpoint, type Endpoint } from '../primitives/endpoint.js';
import { ClosedError, OptionError, TimeoutError } from '../primitives/errors.js';
import { startTimer, stopTimer, type Timer } from '../primitives/time.js';
import { Waiters } from '../primitives/waiters.js';
import { blockedEndpoint, dialError, guardLookup } from './dial.js';
import type { CloseCode, CloseReason, ConnectionStats, Reset, ResetCode } from './events.js';
import {
  callSafely,
  checkHandler,
  reportError,
  type DisconnectOptions,
  type Handler,
  type ManagedSocket,
} from './handler.js';
import { handshakeCallback, handshakeError, shakeHands } from './handshake.js';
import { Ledger } from './ledger.js';
import { nextState, type ConnectionState, type Trigger } from './life-cycle.js';
import { nextWait } from './next-wait.js';
import { checkDisconnectOptions, checkReading, type ResolvedOptions } from './options.js';
import { PersistentSocket, type Loss, type SocketObserver } from './persistent-socket.js';
import { readIntoSharedBuffer } from './shared-buffer.js';

/** Who holds a connection and wants to hear of its changes; never the program's own code. */
export interface ConnectionOwner<H extends Handler = Handler> {
  stateChanged(connection: Connection<H>, from: ConnectionState): void;
}

/** What `ready()` takes. */
export interface ReadyOptions {
  /** Aborting it rejects the promise with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** How long a life may stay half closed with nothing moving, in milliseconds, before it is ended. */
const halfClosedPatience = 2_000;
const defaultGrace = 2_000;

/**
 * The lasting thing: one handler, one socket, many lives. Made by `connect()` and `pool.addConnection()`, dialling
 * from the start; ended only by `disconnect()`, its `signal` or `maxAttempts`.
 */
export class Connection<H extends Handler = Handler> {
  /** The handler that was given. */
  readonly handler: H;
  /** The endpoint being dialled or in use. */
  readonly endpoint: Endpoint;
  readonly #options: ResolvedOptions;
  readonly #owner: ConnectionOwner<H>;
  readonly #socket: PersistentSocket<Connection<H>>;
  readonly #waiters: Waiters = new Waiters();
  readonly #ledger: Ledger = new Ledger();

  #state: ConnectionState = 'waiting';
  #timer: Timer | undefined;
  #backoff: Backoff | undefined;
  /** Whether the socket has yet to emit 'close'. */
  #isOpen = true;
  /** Why we are ending the present life ourselves. */
  #verdict: { readonly code: ResetCode; readonly error?: Error } | undefined;
  #closing: { readonly code: CloseCode; readonly error?: unknown } | undefined;
  #whenClosed: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #onAbort: (() => void) | undefined;

  /** @internal */
  constructor(endpoint: Endpoint, handler: H, options: ResolvedOptions, owner: ConnectionOwner<H>) {
    checkHandler(handler);
    checkReading(options, handler);
    this.handler = handler;
    this.endpoint = endpoint;
    this.#options = options;
    this.#owner = owner;
    this.#socket = this.#createSocket();
    const { signal } = options;
    if (signal?.aborted) {
      void this.#disconnect('aborted', signal.reason);
      return;
    }
    if (signal) {
      this.#onAbort = () => void this.#disconnect('aborted', signal.reason);
      signal.addEventListener('abort', this.#onAbort);
    }
    this.#dial();
  }

  /** The socket: the same object for the life of the connection. Before the first dial has succeeded it is not up. */
  get socket(): ManagedSocket {
    return this.#socket;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** How many lives have begun. */
  get life(): number {
    return this.#ledger.life;
  }

  /**
   * Resolves with the socket when the connection is ready, at once if it is.
   * @throws (rejects) `ClosedError` when the connection is closed, with the last dial's error as its cause.
   */
  ready(options: ReadyOptions = {}): Promise<ManagedSocket> {
    checkOptions('options', options, abortable);
    if (this.#state === 'closed') return Promise.reject(this.#closedError());
    const reached = this.#waiters.wait(1, options.signal);
    if (this.#state === 'ready' && !this.#socket.destroyed) this.#waiters.reached(1);
    return reached.then(() => this.socket);
  }

  /** Ends the present life (code `requested`), for a reason the program has found, and reconnects. No effect outside a life. */
  reset(reason?: Error): void {
    if (reason !== undefined && !(reason instanceof Error))
      throw new OptionError('reason', 'an Error', reason);
    if (this.#state === 'handshaking' || this.#state === 'ready') this.#endLife('requested', reason);
  }

  /** Skips the rest of the wait for the next dial. No effect in other states. */
  reconnectNow(): void {
    // Not at once: this may be called from inside the socket's 'close' event.
    if (this.#state === 'waiting') this.#wait(0);
  }

  /**
   * Stops reconnecting, flushes what was written, ends the socket and, after `grace`, destroys it. Works in every state
   * and more than once (a later `grace` replaces the earlier one). Resolves when the socket is closed; never rejects.
   */
  disconnect(options?: DisconnectOptions): Promise<void> {
    checkDisconnectOptions(options);
    return this.#disconnect('disconnect', undefined, options?.grace);
  }

  /** Keeps the program alive, in waits as well: the default. */
  ref(): this {
    this.#socket.ref();
    return this;
  }

  /** Lets the program end although this connection is there, in waits as well. */
  unref(): this {
    this.#socket.unref();
    return this;
  }

  /** What has happened so far: a snapshot that does not change. */
  stats(): ConnectionStats {
    return this.#ledger.stats(this.endpoint, this.#state, this.#socket);
  }

  /** `await using`: disconnects. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect();
  }

  /** The one door: every change of state goes through here, and ends the timer of the state that is left. */
  #move(trigger: Trigger): boolean {
    const state = nextState(this.#state, trigger);
    if (!state) return false;
    const from = this.#state;
    stopTimer(this.#timer);
    this.#timer = undefined;
    this.#state = state;
    this.#owner.stateChanged(this, from);
    return true;
  }

  #startTimer(delay: number, fire: () => void): void {
    stopTimer(this.#timer);
    this.#timer = startTimer(delay, this.#socket.isReferenced, fire);
  }

  #wait(delay: number): void {
    this.#startTimer(delay, () => this.#dial());
  }

  #dial(): void {
    this.#move('dial');
    const socket = this.#socket;
    this.#ledger.beginDial(socket);
    this.#isOpen = true;
    const { connectTimeout } = this.#options;
    this.#startTimer(connectTimeout, () =>
      socket.destroy(new TimeoutError(`no connection within ${connectTimeout} ms`, connectTimeout)),
    );
    try {
      const blocked = blockedEndpoint(this.#options.blockList, this.endpoint.host);
      if (blocked) throw blocked;
      socket.dial({ ...this.endpoint, ...this.#options.dial, ...this.#lookupOption() });
    } catch (error) {
      this.#abandonDial(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #lookupOption(): { lookup?: LookupFunction } {
    if (isIP(this.endpoint.host)) return {};
    const { lookup, blockList } = this.#options;
    return { lookup: guardLookup(lookup, blockList, this.#whileDialling()) };
  }

  /** Ends a dial that Node.js never began. */
  #abandonDial(error: Error): void {
    if (!this.#socket.destroyed) {
      this.#socket.destroy(error);
      return;
    }
    this.#isOpen = false;
    const isCurrent = this.#whileDialling();
    process.nextTick(() => isCurrent() && this.#dialFailed(error));
  }

  /** Tells whether the present dial is still going on. */
  #whileDialling(): () => boolean {
    const dial = this.#ledger.dials;
    return () => dial === this.#ledger.dials && this.#state === 'connecting';
  }

  #dialFailed(cause: Error | undefined): void {
    const attempts = this.#ledger.failDial();
    const error = dialError(this.endpoint, attempts, cause);
    this.#ledger.lastDialError = error;
    if (attempts >= this.#options.maxAttempts) {
      this.#closing = { code: 'gave-up', error };
      this.#close('gave-up');
      return;
    }
    this.#move('dial-failed');
    const delay = this.#waitForNextDial();
    const { handler, endpoint } = this;
    if (!handler.onRetry) return;
    const failure = Object.freeze({ error, endpoint, attempts, delay });
    callSafely(handler, 'onRetry', () => handler.onRetry?.(failure));
  }

  #connected(): void {
    this.#ledger.beginLife();
    this.#verdict = undefined;
    this.#move('connected');
    const { life } = this;
    shakeHands(this.handler, life, this.socket, {
      pending: () => this.#awaitHandshake(life),
      done: () => this.#handshakeDone(life),
      rejected: (cause) => void this.#failHandshake(life, cause),
      threw: (cause) => {
        if (!this.#failHandshake(life, cause)) reportError(this.handler, cause, handshakeCallback(life));
      },
    });
    this.#socket.readOn();
  }

  #awaitHandshake(life: number): void {
    if (this.#state !== 'handshaking') return;
    const { handshakeTimeout } = this.#options;
    this.#startTimer(handshakeTimeout, () =>
      this.#failHandshake(
        life,
        new TimeoutError(`no result within ${handshakeTimeout} ms`, handshakeTimeout),
      ),
    );
  }

  #handshakeDone(life: number): void {
    if (life !== this.life || this.#socket.destroyed || !this.#move('handshake-done')) return;
    if (this.#socket.isHalfClosed) this.#halfClosed();
    this.#waiters.reached(1);
    this.#socket.announceDrain();
  }

  /** Ends the life for its handshake, unless it has ended, or is about to, for a reason of its own. */
  #failHandshake(life: number, cause: unknown): boolean {
    if (life !== this.life || this.#state !== 'handshaking' || this.#socket.destroyed) return false;
    this.#endLife('handshake', handshakeError(this.endpoint, life, cause));
    return true;
  }

  #endLife(code: ResetCode, error?: Error): void {
    if (this.#socket.destroyed) return;
    this.#verdict = error ? { code, error } : { code };
    this.#socket.destroy(error);
  }

  #halfClosed(): void {
    if (this.#state !== 'ready' || this.#socket.allowHalfOpen) return;
    const socket = this.#socket;
    const progress = socket.bytesRead - socket.writableLength;
    this.#startTimer(halfClosedPatience, () => {
      if (socket.bytesRead - socket.writableLength === progress) socket.destroy();
      else this.#halfClosed();
    });
  }

  #socketClosed(loss: Loss): void {
    this.#isOpen = false;
    if (this.#ledger.isAlive) this.#lifeEnded(loss, this.#ledger.endLife());
    else if (this.#state === 'closing') this.#close('socket-closed');
    else this.#dialFailed(loss.error);
  }

  #lifeEnded(loss: Loss, uptime: number): void {
    if (uptime >= this.#options.stableAfter) this.#backoff = undefined;
    const isLast = this.#state === 'closing';
    const delay = isLast || !this.#move('life-ended') ? undefined : this.#waitForNextDial();
    const error = this.#verdict?.error ?? loss.error;
    const reset: Reset = Object.freeze({
      code: this.#verdict?.code ?? naturalCode(loss),
      ...(error && { error }),
      life: this.life,
      endpoint: this.endpoint,
      uptime,
      unsentBytes: loss.unsentBytes,
      willReconnect: !isLast,
      ...(delay !== undefined && { delay }),
    });
    this.#verdict = undefined;
    this.#ledger.lastReset = reset;
    callSafely(this.handler, 'onReset', () => this.handler.onReset(reset));
    if (isLast) this.#close('socket-closed');
  }

  /** Starts the wait for the next dial and says how long it is. */
  #waitForNextDial(): number {
    const report = (error: unknown): void => reportError(this.handler, error, 'backoff');
    const { delay, backoff } = nextWait(this.#backoff ?? this.#options.firstBackoff(), report);
    this.#backoff = backoff;
    // The program's own backoff may have disconnected.
    if (this.#state === 'waiting') this.#wait(delay);
    return delay;
  }

  #disconnect(code: CloseCode, error: unknown, grace?: number): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    const socket = this.#socket;
    const isAlive = this.#ledger.isAlive && !socket.destroyed;
    if (this.#move('disconnect')) {
      this.#closing = { code, error };
      if (!this.#isOpen) process.nextTick(() => this.#close('socket-closed'));
      else if (!isAlive) socket.destroy();
      else this.#flushAndEnd(grace ?? defaultGrace);
    } else if (isAlive && grace !== undefined) {
      this.#flushAndEnd(grace);
    }
    this.#whenClosed ??= resolvable();
    return this.#whenClosed.promise;
  }

  #flushAndEnd(grace: number): void {
    const socket = this.#socket;
    this.#verdict ??= { code: 'disconnect' };
    if (grace === 0) {
      socket.destroy();
      return;
    }
    this.#startTimer(grace, () => socket.destroy());
    if (!socket.writableEnded) socket.end();
  }

  #close(trigger: 'socket-closed' | 'gave-up'): void {
    if (!this.#move(trigger)) return;
    if (this.#onAbort) this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#waiters.fail(this.#closedError());
    this.#whenClosed?.resolve();
    const { code = 'disconnect', error } = this.#closing ?? {};
    const reason: CloseReason = Object.freeze({
      code,
      ...(error !== undefined && { error }),
      endpoint: this.endpoint,
      lives: this.life,
    });
    callSafely(this.handler, 'onClose', () => this.handler.onClose?.(reason));
  }

  #closedError(): ClosedError {
    const cause = this.#closing?.error ?? this.#ledger.lastReset?.error ?? this.#ledger.lastDialError;
    return new ClosedError(`connection to ${formatEndpoint(this.endpoint)} is closed`, {
      endpoint: this.endpoint,
      ...(cause !== undefined && { cause }),
    });
  }

  #createSocket(): PersistentSocket<Connection<H>> {
    const { socket, reuseReadBuffer, timeout } = this.#options;
    const onread = reuseReadBuffer && readIntoSharedBuffer((chunk) => this.#receive(chunk));
    const options = onread ? { ...socket, onread } : socket;
    const readsItself = Boolean(this.handler.onData) && !onread;
    const created = new PersistentSocket<Connection<H>>(options, this, Connection.#observer, readsItself);
    if (timeout > 0) created.setTimeout(timeout);
    return created;
  }

  #receive(chunk: Buffer): void {
    try {
      const outcome: unknown = this.handler.onData?.(chunk);
      if (outcome !== undefined) callSafely(this.handler, 'onData', () => outcome);
    } catch (error) {
      reportError(this.handler, error, 'onData');
    }
  }

  // Shared by all connections: no closure for each of them.
  static readonly #observer: SocketObserver<Connection> = {
    connected: (connection) => connection.#connected(),
    data: (connection, chunk) => connection.#receive(chunk),
    halfClosed: (connection) => connection.#halfClosed(),
    closed: (connection, loss) => connection.#socketClosed(loss),
    referenced: (connection) => {
      if (connection.#socket.isReferenced) connection.#timer?.ref();
      else connection.#timer?.unref();
    },
    disconnect: (connection, options) => connection.disconnect(options),
  };
}

function naturalCode(loss: Loss): ResetCode {
  if (loss.endedBy) return loss.endedBy === 'remote' ? 'remote-end' : 'local-end';
  return loss.error ? 'error' : 'local-end';
}

function resolvable(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
