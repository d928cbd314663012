import type { Backoff } from '../backoff/index.js';
import type { Endpoint } from '../primitives/endpoint.js';
import { TimeoutError } from '../primitives/errors.js';
import { startTimer, stopTimer, type Timer } from '../primitives/time.js';
import { Closing } from './closing.js';
import { dialError, dialOptions } from './dial.js';
import type { CloseCode, ConnectionStats, ResetCode } from './events.js';
import {
  callSafely,
  deliver,
  reportError,
  type DisconnectOptions,
  type Handler,
  type ManagedSocket,
} from './handler.js';
import { handshakeCallback, handshakeError, shakeHands } from './handshake.js';
import { Ledger } from './ledger.js';
import { nextState, type ConnectionState, type Trigger } from './life-cycle.js';
import { nextWait } from './next-wait.js';
import type { ResolvedOptions } from './options.js';
import { PersistentSocket, type Loss, type SocketObserver } from './persistent-socket.js';
import { describeReset, type Verdict } from './reset.js';
import { readIntoSharedBuffer } from './shared-buffer.js';

/** How long a life may stay half closed with nothing moving, in milliseconds, before it is ended. */
const halfClosedPatience = 2_000;
const defaultGrace = 2_000;

/**
 * Keeps one socket connected: dials, shakes hands, notices the end, waits, dials again, and closes at last. It carries out
 * what `life-cycle.ts` allows, and calls the handler when a change is complete.
 */
export abstract class Lifeline<H extends Handler> {
  /** The handler that was given. */
  readonly handler: H;
  /** The endpoint being dialled or in use. */
  readonly endpoint: Endpoint;
  readonly #options: ResolvedOptions;
  readonly #socket: PersistentSocket<Lifeline<H>>;
  readonly #ledger: Ledger = new Ledger();
  #state: ConnectionState = 'waiting';
  #timer: Timer | undefined;
  #backoff: Backoff | undefined;
  /** Whether the socket has yet to emit 'close'. */
  #isOpen = true;
  /** Why we are ending the present life ourselves. */
  #verdict: Verdict | undefined;
  #closing: Closing | undefined;

  constructor(endpoint: Endpoint, handler: H, options: ResolvedOptions) {
    this.handler = handler;
    this.endpoint = endpoint;
    this.#options = options;
    this.#socket = this.#createSocket();
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

  /** What has happened so far: a snapshot that does not change. */
  stats(): ConnectionStats {
    return this.#ledger.stats(this.endpoint, this.#state, this.#socket);
  }

  abstract disconnect(options?: DisconnectOptions): Promise<void>;

  /** Called after every change of state, in the middle of the work: not to run any of the program's own code. */
  protected abstract stateChanged(from: ConnectionState): void;

  /** Whether it has never dialled. */
  protected get isNew(): boolean {
    return this.#ledger.dials === 0;
  }

  /** Why it is closed, or what went wrong last. */
  protected get lastCause(): unknown {
    return this.#closing?.error ?? this.#ledger.lastReset?.error ?? this.#ledger.lastDialError;
  }

  /** The one door: every change of state goes through here, and ends the timer of the state that is left. */
  #move(trigger: Trigger): boolean {
    const state = nextState(this.#state, trigger);
    if (!state) return false;
    const from = this.#state;
    stopTimer(this.#timer);
    this.#timer = undefined;
    this.#state = state;
    this.stateChanged(from);
    return true;
  }

  #startTimer(delay: number, fire: () => void): void {
    stopTimer(this.#timer);
    this.#timer = startTimer(delay, this.#socket.isReferenced, fire);
  }

  /** Waits so long for the next dial, instead of what is left of the wait. */
  protected waitFor(delay: number): void {
    this.#startTimer(delay, () => this.dial());
  }

  protected dial(): void {
    this.#move('dial');
    const socket = this.#socket;
    this.#ledger.beginDial(socket);
    this.#isOpen = true;
    const { connectTimeout } = this.#options;
    this.#startTimer(connectTimeout, () =>
      socket.destroy(new TimeoutError(`no connection within ${connectTimeout} ms`, connectTimeout)),
    );
    try {
      socket.dial(dialOptions(this.endpoint, this.#options, this.#whileDialling()));
    } catch (error) {
      this.#abandonDial(error instanceof Error ? error : new Error(String(error)));
    }
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
      this.#closing = new Closing('gave-up', error);
      this.#finish('gave-up');
      return;
    }
    this.#move('dial-failed');
    const delay = this.#waitForNextDial();
    const { handler, endpoint } = this;
    if (!handler.onRetry || delay === undefined) return;
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
    this.#socket.announceDrain();
  }

  /** Ends the life for its handshake, unless it has ended, or is about to, for a reason of its own. */
  #failHandshake(life: number, cause: unknown): boolean {
    if (life !== this.life || this.#state !== 'handshaking' || this.#socket.destroyed) return false;
    this.endLife('handshake', handshakeError(this.endpoint, life, cause));
    return true;
  }

  /** Ends the present life for a reason of connman's own; nothing happens when it is ending already. */
  protected endLife(code: ResetCode, error?: Error): void {
    if (this.#socket.destroyed) return;
    this.#verdict = { code, error };
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
    else if (this.#state === 'closing') this.#finish('socket-closed');
    else this.#dialFailed(loss.error);
  }

  #lifeEnded(loss: Loss, uptime: number): void {
    if (uptime >= this.#options.stableAfter) this.#backoff = undefined;
    const isLast = this.#state === 'closing';
    const delay = isLast || !this.#move('life-ended') ? undefined : this.#waitForNextDial();
    const { life, endpoint } = this;
    const reset = describeReset(loss, this.#verdict, { life, endpoint, uptime, delay });
    this.#verdict = undefined;
    this.#ledger.lastReset = reset;
    callSafely(this.handler, 'onReset', () => this.handler.onReset(reset));
    if (isLast) this.#finish('socket-closed');
  }

  /** Starts the wait for the next dial and says how long it is; no wait when the program's own backoff disconnected. */
  #waitForNextDial(): number | undefined {
    const report = (error: unknown): void => reportError(this.handler, error, 'backoff');
    const { delay, backoff } = nextWait(this.#backoff ?? this.#options.firstBackoff(), report);
    this.#backoff = backoff;
    if (this.#state !== 'waiting') return undefined;
    this.waitFor(delay);
    return delay;
  }

  /** Closes the connection, from whatever state; says when it is closed. */
  protected close(code: CloseCode, error?: unknown, grace?: number): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    const socket = this.#socket;
    const isAlive = this.#ledger.isAlive && !socket.destroyed;
    if (this.#move('disconnect')) {
      this.#closing = new Closing(code, error);
      if (!this.#isOpen) process.nextTick(() => this.#finish('socket-closed'));
      else if (!isAlive) socket.destroy();
      else this.#flushAndEnd(grace ?? defaultGrace);
    } else if (isAlive && grace !== undefined) {
      this.#flushAndEnd(grace);
    }
    return this.#closing?.done ?? Promise.resolve();
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

  #finish(trigger: 'socket-closed' | 'gave-up'): void {
    const closing = this.#closing;
    if (!closing || !this.#move(trigger)) return;
    closing.finish();
    const { handler } = this;
    if (!handler.onClose) return;
    const reason = closing.reason(this.endpoint, this.life);
    callSafely(handler, 'onClose', () => handler.onClose?.(reason));
  }

  #createSocket(): PersistentSocket<Lifeline<H>> {
    const { socket, reuseReadBuffer, timeout } = this.#options;
    const onread = reuseReadBuffer && readIntoSharedBuffer((chunk) => deliver(this.handler, chunk));
    const options = onread ? { ...socket, onread } : socket;
    const readsItself = Boolean(this.handler.onData) && !onread;
    const created = new PersistentSocket<Lifeline<H>>(options, this, Lifeline.#observer, readsItself);
    if (timeout > 0) created.setTimeout(timeout);
    return created;
  }

  // Shared by all connections: no closure for each of them.
  static readonly #observer: SocketObserver<Lifeline<Handler>> = {
    connected: (lifeline) => lifeline.#connected(),
    data: ({ handler }, chunk) => deliver(handler, chunk),
    halfClosed: (lifeline) => lifeline.#halfClosed(),
    closed: (lifeline, loss) => lifeline.#socketClosed(loss),
    referenced: (lifeline) => {
      if (lifeline.#socket.isReferenced) lifeline.#timer?.ref();
      else lifeline.#timer?.unref();
    },
    disconnect: (lifeline, options) => lifeline.disconnect(options),
  };
}
