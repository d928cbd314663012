import type { Gates } from '../gate/index.js';
import { Deferred } from '../primitives/deferred.js';
import type { Endpoint } from '../primitives/endpoint.js';
import type { DialError } from '../primitives/errors.js';
import {
  publishClose,
  publishConnected,
  publishDialFailed,
  publishDisconnect,
  publishReady,
  publishReset,
} from '../telemetry/index.js';
import { Closing } from './closing.js';
import { createLink } from './create-link.js';
import { Dialler } from './dialer.js';
import type { CloseCode, Reset, ResetCode } from './stats/counters.js';
import { callSafely, deliver, reportError, type DisconnectOptions, type Handler } from './handler.js';
import {
  handshakeCallback,
  handshakeError,
  handshakeTimedOut,
  shakeHands,
  type HandshakeObserver,
} from './handshake.js';
import type { Trigger } from './life-cycle.js';
import type { Link, LinkObserver, LinkClosed } from './socket/link.js';
import type { ResolvedOptions } from './options/options.js';
import { describeReset, overflowError, resetCode, type Verdict } from './reset.js';
import type { Vigil } from './liveness/watchdog.js';
import { beginVigil } from './liveness/heartbeat.js';

/** How long a life may stay half closed with nothing moving, in milliseconds, before it is ended. */
const halfClosedPatience = 2_000;
const defaultGrace = 2_000;

const disconnected: Verdict = Object.freeze({ code: 'disconnect' });

/**
 * Keeps one socket connected: shakes hands when a dial has succeeded, watches the life, notices its end, dials again, and
 * closes at last. It carries out what `life-cycle.ts` allows, and calls the handler when a change is complete.
 */
export abstract class Lifeline<H extends Handler> extends Dialler<H> {
  /** @internal */
  protected override readonly link: Link;
  #vigil: Vigil | undefined;
  /** Why we are ending the present life ourselves. */
  #verdict: Verdict | undefined;
  #closing: Closing | undefined;
  #whenClosed: Deferred | undefined;

  constructor(endpoints: Endpoint | readonly Endpoint[], handler: H, options: ResolvedOptions, gates: Gates) {
    super(endpoints, handler, options, gates);
    this.link = createLink<Lifeline<H>>(options, this, Lifeline.#observer);
  }

  abstract disconnect(options?: DisconnectOptions): Promise<void>;

  /** @internal */
  abstract pinged(): void;

  /** @internal Called when a change is complete and published; after them the handler is called. */
  protected abstract hasBecomeReady(): void;
  /** @internal */
  protected abstract hasBegunToClose(): void;
  /** @internal */
  protected abstract hasReset(reset: Reset): void;
  /** @internal */
  protected abstract hasClosed(): void;

  /** @internal Whether the present life, which is over its `maxAge`, is to be ended now. */
  protected abstract mayRetire(): boolean;

  /** @internal Why it is closed, or what went wrong last. */
  protected get lastCause(): unknown {
    return this.#closing?.error ?? this.ledger.lastReset?.error ?? this.ledger.lastDialError;
  }

  /** @internal */
  protected override move(trigger: Trigger, reason?: string | DialError): boolean {
    const hasMoved = super.move(trigger, reason);
    if (hasMoved) this.#endVigil();
    return hasMoved;
  }

  /** @internal */
  protected override gaveUp(error: DialError, isOwn: boolean): void {
    this.#closing = new Closing('gave-up', error);
    this.#finish('gave-up', isOwn ? error : undefined);
    // It may never have dialled.
    if (this.isOpen) this.socket.destroy();
  }

  #connected(): void {
    this.dialSucceeded();
    this.#verdict = undefined;
    this.move('connected');
    publishConnected(this);
    shakeHands<Lifeline<Handler>>(this, Lifeline.#handshakeObserver);
    this.link.readOn();
  }

  #awaitHandshake(life: number): void {
    if (this.state !== 'handshaking') return;
    const { handshakeTimeout } = this.options;
    this.setDeadline(handshakeTimeout, () => {
      this.#failHandshake(life, handshakeTimedOut(handshakeTimeout));
    });
  }

  #handshakeDone(life: number): void {
    if (life !== this.life || this.socket.destroyed || !this.move('handshake-done')) return;
    this.#beginVigil();
    if (this.link.isHalfClosed) this.#halfClosed();
    this.link.announceDrain();
    publishReady(this);
    this.hasBecomeReady();
  }

  /** Ends the life for its handshake, unless it has ended, or is about to, for a reason of its own. */
  #failHandshake(life: number, cause: unknown): boolean {
    if (life !== this.life || this.state !== 'handshaking' || this.socket.destroyed) return false;
    this.endLife('handshake', handshakeError(this.endpoint, life, cause));
    return true;
  }

  #beginVigil(): void {
    const { watch } = this.options;
    if (!watch) return;
    this.#vigil = beginVigil(this.commons.sweep, watch, this, (code, error) => {
      if (code !== 'max-age') this.endLife(code, error);
      else if (this.mayRetire()) this.retire();
    });
  }

  #endVigil(): void {
    const { watch } = this.options;
    if (watch && this.#vigil) this.commons.sweep.delete(watch.period, this.#vigil);
    this.#vigil = undefined;
  }

  /** @internal Ends a life that is old, but sends first what was written. */
  retire(): void {
    this.#endVigil();
    this.#verdict ??= { code: 'max-age' };
    this.socket.end();
  }

  /** Ends the present life for a reason of connman's own; nothing happens when it is ending already. */
  protected endLife(code: ResetCode, error?: Error): void {
    if (this.state !== 'handshaking' && this.state !== 'ready') return;
    if (this.socket.destroyed) return;
    this.#verdict = { code, error };
    this.socket.destroy(error);
  }

  #halfClosed(): void {
    const { socket } = this;
    if (this.state !== 'ready' || (socket.allowHalfOpen && !this.#verdict)) return;
    const progress = socket.bytesRead - socket.writableLength;
    this.setDeadline(halfClosedPatience, () => {
      if (socket.bytesRead - socket.writableLength === progress) socket.destroy();
      else this.#halfClosed();
    });
  }

  #overflowed(): void {
    const { writableLength } = this.socket;
    this.endLife('max-buffered', overflowError(this.endpoint, writableLength, this.options.maxBuffered));
  }

  #socketClosed(loss: LinkClosed): void {
    this.isOpen = false;
    if (this.ledger.isAlive) this.#lifeEnded(loss, this.ledger.endLife(this.socket));
    else if (this.state === 'closing') this.#finish('socket-closed');
    else if (this.state === 'connecting') this.dialFailed(loss.error);
  }

  #lifeEnded(loss: LinkClosed, uptime: number): void {
    const { life, endpoint } = this;
    const code = resetCode(loss, this.#verdict);
    const isLast = this.state === 'closing';
    if (!isLast) this.move('life-ended', code);
    const delay = this.lifeOver(code, uptime);
    const reset = describeReset(loss, this.#verdict, { life, endpoint, uptime, delay });
    this.#verdict = undefined;
    this.ledger.recordReset(reset);
    publishReset(this, reset);
    this.hasReset(reset);
    callSafely(this, 'onReset', () => this.handler.onReset(reset));
    if (isLast) this.#finish('socket-closed');
  }

  /** @internal Resolves when it is closed. */
  get whenClosed(): Promise<void> {
    if (this.state === 'closed') return Promise.resolve();
    this.#whenClosed ??= new Deferred();
    return this.#whenClosed.promise;
  }

  /** Closes the connection, from whatever state. */
  protected close(code: CloseCode, error?: unknown, grace?: number): void {
    if (this.state === 'closed') return;
    const { socket } = this;
    const isAlive = this.ledger.isAlive && !socket.destroyed;
    if (this.move('disconnect', code)) {
      this.#closing = new Closing(code, error);
      if (!this.isOpen) process.nextTick(() => this.#finish('socket-closed'));
      else if (!isAlive) socket.destroy();
      else this.#flushAndEnd(grace ?? defaultGrace);
      publishDisconnect(this, code, error);
      this.hasBegunToClose();
    } else if (isAlive && grace !== undefined) {
      this.#flushAndEnd(grace);
    }
  }

  #flushAndEnd(grace: number): void {
    const { socket } = this;
    this.#verdict ??= disconnected;
    if (grace === 0) {
      socket.destroy();
      return;
    }
    this.setDeadline(grace, () => socket.destroy());
    if (socket.writableEnded) return;
    this.link.refuseWrites();
    this.commons.endings.add(this);
  }

  /** @internal */
  endSocket(): void {
    const { socket } = this;
    if (this.state === 'closing' && !socket.destroyed && !socket.writableEnded) socket.end();
  }

  #finish(trigger: 'socket-closed' | 'gave-up', failure?: DialError): void {
    const closing = this.#closing;
    if (!closing || !this.move(trigger, failure)) return;
    this.#whenClosed?.resolve();
    if (failure) publishDialFailed(this, failure, this.ledger.failuresInRow);
    publishClose(this, closing.code, closing.error);
    this.hasClosed();
    const { handler } = this;
    if (!handler.onClose) return;
    const reason = closing.reason(this.endpoint, this.life);
    callSafely(this, 'onClose', () => handler.onClose?.(reason));
  }

  // Shared by all connections: no closure for each of them.

  static readonly #handshakeObserver: HandshakeObserver<Lifeline<Handler>> = {
    pending: (lifeline, life) => lifeline.#awaitHandshake(life),
    done: (lifeline, life) => lifeline.#handshakeDone(life),
    rejected: (lifeline, life, cause) => void lifeline.#failHandshake(life, cause),
    threw: (lifeline, life, cause) => {
      if (!lifeline.#failHandshake(life, cause)) reportError(lifeline, cause, handshakeCallback(life));
    },
  };

  static readonly #observer: LinkObserver<Lifeline<Handler>> = {
    connected: (lifeline) => lifeline.#connected(),
    data: deliver,
    halfClosed: (lifeline) => lifeline.#halfClosed(),
    overflowed: (lifeline) => lifeline.#overflowed(),
    closed: (lifeline, loss) => lifeline.#socketClosed(loss),
    referenced: (lifeline) => lifeline.referenced(),
    disconnect: (lifeline, options) => lifeline.disconnect(options),
  };
}
