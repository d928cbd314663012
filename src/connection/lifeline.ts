import type { Endpoint } from '../primitives/endpoint.js';
import type { DialError } from '../primitives/errors.js';
import { startTimer, stopTimer, type Timer } from '../primitives/time.js';
import {
  publishClose,
  publishConnected,
  publishDial,
  publishDialFailed,
  publishDisconnect,
  publishReady,
  publishReset,
  traceMove,
} from '../telemetry/index.js';
import { Closing } from './closing.js';
import { Course } from './course.js';
import { createLink } from './create-link.js';
import { Dial, dialError, dialOptions, dialTimeout } from './dial.js';
import type { CloseCode, ConnectionStats, Rarity, ResetCode } from './events.js';
import {
  callSafely,
  deliver,
  reportError,
  type DisconnectOptions,
  type Handler,
  type ManagedSocket,
} from './handler.js';
import { handshakeCallback, handshakeError, handshakeTimedOut, shakeHands } from './handshake.js';
import { Ledger } from './ledger.js';
import { nextState, type ConnectionState, type Trigger } from './life-cycle.js';
import type { ResolvedOptions } from './options.js';
import type { Link, LinkObserver, Loss } from './link.js';
import { describeReset, overflowError, resetCode, type Verdict } from './reset.js';
import type { Sweep } from './sweep.js';
import type { Vigil } from './vigil.js';
import { beginVigil } from './watch.js';

/** How long a life may stay half closed with nothing moving, in milliseconds, before it is ended. */
const halfClosedPatience = 2_000;
const defaultGrace = 2_000;
/** How many connections there have been in this program. */
let made = 0;

/**
 * Keeps one socket connected: dials, shakes hands, notices the end, waits, dials again, and closes at last. It carries out
 * what `life-cycle.ts` allows, and calls the handler when a change is complete.
 */
export abstract class Lifeline<H extends Handler> {
  /** The number of the connection, among all of this program: stable, and never used again. */
  readonly id: number = ++made;
  /** The handler that was given. */
  readonly handler: H;
  readonly #options: ResolvedOptions;
  readonly #course: Course;
  readonly #link: Link;
  readonly #ledger: Ledger = new Ledger();
  #state: ConnectionState = 'waiting';
  #timer: Timer | undefined;
  #dial: Dial | undefined;
  #vigil: Vigil | undefined;
  /** Whether the socket has yet to emit 'close'. */
  #isOpen = true;
  /** Why we are ending the present life ourselves. */
  #verdict: Verdict | undefined;
  #closing: Closing | undefined;

  constructor(endpoints: readonly Endpoint[], handler: H, options: ResolvedOptions) {
    this.handler = handler;
    this.#options = options;
    this.#course = new Course(endpoints, options);
    this.#link = createLink<Lifeline<H>>(options, this, Lifeline.#observer);
  }

  /** The endpoint being dialled or in use, or to be dialled next. */
  get endpoint(): Endpoint {
    return this.#course.endpoint;
  }

  /**
   * The socket: the same object for the life of the connection, or over TLS the one of the present dial or life. Before the
   * first dial has succeeded it is not up.
   */
  get socket(): ManagedSocket {
    return this.#link.current;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** How many lives have begun. */
  get life(): number {
    return this.#ledger.life;
  }

  /** How long the present life has lasted, in milliseconds; 0 outside a life. */
  get uptime(): number {
    return this.#ledger.uptime;
  }

  /** What has happened so far: a snapshot that does not change. */
  stats(): ConnectionStats {
    return this.#ledger.stats(this);
  }

  /** The name of its pool, if it belongs to one. */
  abstract get pool(): string | undefined;

  /** What looks after lives from time to time. */
  protected abstract get sweep(): Sweep;

  abstract disconnect(options?: DisconnectOptions): Promise<void>;

  /** Called after every change of state, in the middle of the work: not to run any of the program's own code. */
  protected abstract stateChanged(from: ConnectionState): void;

  /** Called when all is done but the call of `onClose`. */
  protected abstract hasClosed(): void;

  /** @internal */
  abstract handlerFailed(error: unknown, where: string): void;

  /** @internal */
  abstract pinged(): void;

  protected count(what: Rarity): void {
    this.#ledger.count(what);
  }

  /** What disconnects it when aborted, if anything. */
  protected get signal(): AbortSignal | undefined {
    return this.#options.signal;
  }

  /** Whether it has never dialled. */
  protected get isNew(): boolean {
    return this.#ledger.dials === 0;
  }

  /** Why it is closed, or what went wrong last. */
  protected get lastCause(): unknown {
    return this.#closing?.error ?? this.#ledger.lastReset?.error ?? this.#ledger.lastDialError;
  }

  /** The one door: every change of state goes through here, and ends the timer of the state that is left. */
  #move(trigger: Trigger, reason?: string | DialError): boolean {
    const state = nextState(this.#state, trigger);
    if (!state) return false;
    const from = this.#state;
    stopTimer(this.#timer);
    this.#timer = undefined;
    this.#endVigil();
    this.#state = state;
    traceMove(this, from, state, trigger, reason);
    this.stateChanged(from);
    return true;
  }

  #startTimer(delay: number, fire: () => void): void {
    stopTimer(this.#timer);
    this.#timer = startTimer(delay, this.#link.isReferenced, fire);
  }

  /** Waits so long for the next dial, instead of what is left of the wait. */
  protected waitFor(delay: number): void {
    this.#startTimer(delay, () => this.dial());
  }

  protected dial(): void {
    this.#move('dial');
    this.#ledger.beginDial();
    this.#isOpen = true;
    const dial = new Dial((each) => each === this.#dial && this.#state === 'connecting');
    this.#dial = dial;
    const { connectTimeout } = this.#options;
    this.#startTimer(connectTimeout, () => this.socket.destroy(dialTimeout(dial, connectTimeout)));
    try {
      this.#link.dial(dialOptions(this.endpoint, this.#options, dial), dial);
    } catch (error) {
      this.#abandonDial(dial, error instanceof Error ? error : new Error(String(error)));
    }
    publishDial(this);
  }

  /** Ends a dial that Node.js never began. */
  #abandonDial(dial: Dial, error: Error): void {
    if (!this.socket.destroyed) {
      this.socket.destroy(error);
      return;
    }
    this.#isOpen = false;
    process.nextTick(() => dial.isCurrent && this.#dialFailed(error));
  }

  #dialFailed(cause: Error | undefined): void {
    const { handler, endpoint } = this;
    const { phase } = this.#dial as Dial;
    const attempts = this.#ledger.failDial(phase);
    const error = dialError(endpoint, phase, attempts, cause);
    this.#ledger.lastDialError = error;
    if (attempts >= this.#options.maxAttempts) {
      this.#closing = new Closing('gave-up', error);
      this.#finish('gave-up', error);
      return;
    }
    this.#move('dial-failed', error);
    const delay = this.#wait((report) => this.#course.dialFailed(report));
    publishDialFailed(this, error, attempts, delay);
    if (!handler.onRetry || delay === undefined || this.#state !== 'waiting') return;
    const failure = Object.freeze({ error, endpoint, phase, attempts, delay });
    callSafely(this, 'onRetry', () => handler.onRetry?.(failure));
  }

  #connected(): void {
    this.#dial = undefined;
    this.#course.lifeBegan();
    this.#ledger.beginLife();
    this.#verdict = undefined;
    this.#move('connected');
    publishConnected(this);
    const { life } = this;
    shakeHands(this.handler, life, this.socket, {
      pending: () => this.#awaitHandshake(life),
      done: () => this.#handshakeDone(life),
      rejected: (cause) => void this.#failHandshake(life, cause),
      threw: (cause) => {
        if (!this.#failHandshake(life, cause)) reportError(this, cause, handshakeCallback(life));
      },
    });
    this.#link.readOn();
  }

  #awaitHandshake(life: number): void {
    if (this.#state !== 'handshaking') return;
    const { handshakeTimeout } = this.#options;
    this.#startTimer(handshakeTimeout, () => {
      this.#failHandshake(life, handshakeTimedOut(handshakeTimeout));
    });
  }

  #handshakeDone(life: number): void {
    if (life !== this.life || this.socket.destroyed || !this.#move('handshake-done')) return;
    this.#beginVigil();
    if (this.#link.isHalfClosed) this.#halfClosed();
    this.#link.announceDrain();
    publishReady(this);
  }

  /** Ends the life for its handshake, unless it has ended, or is about to, for a reason of its own. */
  #failHandshake(life: number, cause: unknown): boolean {
    if (life !== this.life || this.#state !== 'handshaking' || this.socket.destroyed) return false;
    this.endLife('handshake', handshakeError(this.endpoint, life, cause));
    return true;
  }

  #beginVigil(): void {
    const { watch } = this.#options;
    if (!watch) return;
    this.#vigil = beginVigil(this.sweep, watch, this, (code, error) => {
      if (code === 'max-age') this.#retire();
      else this.endLife(code, error);
    });
  }

  #endVigil(): void {
    const { watch } = this.#options;
    if (watch && this.#vigil) this.sweep.delete(watch.period, this.#vigil);
    this.#vigil = undefined;
  }

  /** Ends a life that is old, but sends first what was written. */
  #retire(): void {
    this.#endVigil();
    this.#verdict ??= { code: 'max-age' };
    this.socket.end();
  }

  /** Ends the present life for a reason of connman's own; nothing happens when it is ending already. */
  protected endLife(code: ResetCode, error?: Error): void {
    if (this.#state !== 'handshaking' && this.#state !== 'ready') return;
    if (this.socket.destroyed) return;
    this.#verdict = { code, error };
    this.socket.destroy(error);
  }

  #halfClosed(): void {
    const { socket } = this;
    if (this.#state !== 'ready' || (socket.allowHalfOpen && !this.#verdict)) return;
    const progress = socket.bytesRead - socket.writableLength;
    this.#startTimer(halfClosedPatience, () => {
      if (socket.bytesRead - socket.writableLength === progress) socket.destroy();
      else this.#halfClosed();
    });
  }

  #overflowed(): void {
    const { writableLength } = this.socket;
    this.endLife('max-buffered', overflowError(this.endpoint, writableLength, this.#options.maxBuffered));
  }

  #socketClosed(loss: Loss): void {
    this.#isOpen = false;
    if (this.#ledger.isAlive) this.#lifeEnded(loss, this.#ledger.endLife(this.socket));
    else if (this.#state === 'closing') this.#finish('socket-closed');
    else this.#dialFailed(loss.error);
  }

  #lifeEnded(loss: Loss, uptime: number): void {
    const { life, endpoint } = this;
    const code = resetCode(loss, this.#verdict);
    const isLast = this.#state === 'closing';
    const delay =
      isLast || !this.#move('life-ended', code)
        ? undefined
        : this.#wait((report) => this.#course.lifeEnded(code, uptime, report));
    const reset = describeReset(loss, this.#verdict, { life, endpoint, uptime, delay });
    this.#verdict = undefined;
    this.#ledger.recordReset(reset);
    publishReset(this, reset);
    callSafely(this, 'onReset', () => this.handler.onReset(reset));
    if (isLast) this.#finish('socket-closed');
  }

  /** Waits for the next dial and says how long; no wait when the program's own backoff disconnected. */
  #wait(choose: (report: (error: unknown) => void) => number): number | undefined {
    const delay = choose((error) => reportError(this, error, 'backoff'));
    if (this.#state !== 'waiting') return undefined;
    this.waitFor(delay);
    return delay;
  }

  /** Closes the connection, from whatever state; says when it is closed. */
  protected close(code: CloseCode, error?: unknown, grace?: number): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    const { socket } = this;
    const isAlive = this.#ledger.isAlive && !socket.destroyed;
    if (this.#move('disconnect', code)) {
      this.#closing = new Closing(code, error);
      if (!this.#isOpen) process.nextTick(() => this.#finish('socket-closed'));
      else if (!isAlive) socket.destroy();
      else this.#flushAndEnd(grace ?? defaultGrace);
      publishDisconnect(this, code, error);
    } else if (isAlive && grace !== undefined) {
      this.#flushAndEnd(grace);
    }
    return this.#closing?.done ?? Promise.resolve();
  }

  #flushAndEnd(grace: number): void {
    const { socket } = this;
    this.#verdict ??= { code: 'disconnect' };
    if (grace === 0) {
      socket.destroy();
      return;
    }
    this.#startTimer(grace, () => socket.destroy());
    if (!socket.writableEnded) socket.end();
  }

  #finish(trigger: 'socket-closed' | 'gave-up', failure?: DialError): void {
    const closing = this.#closing;
    if (!closing || !this.#move(trigger, failure)) return;
    closing.finish();
    if (failure) publishDialFailed(this, failure, this.#ledger.failuresInRow);
    publishClose(this, closing.code, closing.error);
    this.hasClosed();
    const { handler } = this;
    if (!handler.onClose) return;
    const reason = closing.reason(this.endpoint, this.life);
    callSafely(this, 'onClose', () => handler.onClose?.(reason));
  }

  // Shared by all connections: no closure for each of them.
  static readonly #observer: LinkObserver<Lifeline<Handler>> = {
    connected: (lifeline) => lifeline.#connected(),
    data: deliver,
    halfClosed: (lifeline) => lifeline.#halfClosed(),
    overflowed: (lifeline) => lifeline.#overflowed(),
    closed: (lifeline, loss) => lifeline.#socketClosed(loss),
    referenced: (lifeline) => {
      if (lifeline.#link.isReferenced) lifeline.#timer?.ref();
      else lifeline.#timer?.unref();
    },
    disconnect: (lifeline, options) => lifeline.disconnect(options),
  };
}
