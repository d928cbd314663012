import { isThenable } from '../../primitives/thenable.js';
import { now } from '../../primitives/time.js';
import { mentionError } from '../handler/call-handler.js';
import type { Handler } from '../handler/connection.js';
import { handshakeCallback, handshakeError, handshakeTimedOut } from './handshake.js';
import { isLifeEnded } from '../handler/life-signal.js';
import type { LifeHost } from './life-host.js';
import { sendPing, silentPeer, startWatchdog } from '../liveness/heartbeat.js';
import { isDoubtful, Proof, proofTimeout } from '../liveness/proof.js';
import { Watchdog } from '../liveness/watchdog.js';
import { PendingHandshake } from './pending-handshake.js';
import { overflowError, type Verdict } from './reset.js';
import type { ResetCode } from '../stats/counters.js';

/** The stage after all others: the socket has closed. */
const over = 'over';

/** How long a life may stay half closed while nothing moves, in milliseconds. Then it ends. */
const halfClosedPatience = 2_000;

/**
 * One life of a connection, from the link coming up to its loss: the handshake, then the watchdog, then the verdict, which says
 * why it ends.
 */
export class Life {
  /** Counted from 1. */
  readonly number: number;
  readonly #host: LifeHost;
  readonly #bornAt: number;
  /** Why connman itself is ending this life. */
  #verdict: Verdict | undefined;
  /** What goes on in it, one after the other: the handshake, the proof that the peer is alive, and the watchdog. */
  #stage: PendingHandshake | Proof | Watchdog | typeof over | undefined;

  constructor(number: number, host: LifeHost) {
    this.number = number;
    this.#host = host;
    // A number with a fraction would be an object on the heap.
    this.#bornAt = Math.floor(now());
  }

  /** How long it has lasted, in milliseconds. */
  get uptime(): number {
    return now() - this.#bornAt;
  }

  get verdict(): Verdict | undefined {
    return this.#verdict;
  }

  /** Calls the handler, and follows what it returns. */
  shakeHands(): void {
    const { handler, context, socket, face } = this.#host;
    try {
      const callback = handler[this.#callback] as Handler['onConnect'];
      const outcome: unknown = context.runInAsyncScope(callback, handler, socket, face);
      if (isThenable(outcome)) {
        this.#awaitHandshake(outcome);
        return;
      }
    } catch (cause) {
      this.#handshakeFailed(cause);
      return;
    }
    this.#handshakeDone();
  }

  get #callback(): 'onConnect' | 'onReconnect' {
    return handshakeCallback(this.number, this.#host.handler);
  }

  /** Whether a heartbeat has sent a ping, and nothing was read since. */
  get awaitsAnswer(): boolean {
    return this.#stage instanceof Watchdog && this.#stage.awaitsAnswer;
  }

  /** Whether its handshake may still say why it failed. */
  get isUndecided(): boolean {
    return this.#stage instanceof PendingHandshake;
  }

  /** The socket has closed: goes on when the handshake has had the time to say why it failed. */
  whenDecided(goOn: () => void): void {
    if (this.#stage instanceof PendingHandshake) this.#stage.whenSettled(goOn);
    else goOn();
  }

  /** The connection is ready: looks after the life from now on. */
  watch(): void {
    const host = this.#host;
    const { liveness } = host.options;
    if (liveness) {
      this.#stage = startWatchdog(host.owner.shared.sweep, liveness, host, this.uptime, (code, error) => {
        if (code !== 'max-age') this.end(code, error);
        else host.tooOld();
      });
    }
    if (host.link.isHalfClosed) this.halfClosed();
  }

  stopWatching(): void {
    const { options, owner } = this.#host;
    const stage = this.#stage;
    if (stage instanceof PendingHandshake || stage === over) return;
    this.#stage = undefined;
    if (stage instanceof Proof) stage.stop();
    else if (stage && options.liveness) owner.shared.sweep.delete(options.liveness.period, stage);
  }

  /** The socket has closed. What a late handshake says has no effect any more. */
  over(): void {
    this.stopWatching();
    this.#stage = over;
  }

  /** Ends it at once, for a reason of connman's own. Nothing happens when it is ending already. */
  end(code: ResetCode, error?: Error): void {
    const { state, socket } = this.#host;
    if (state === 'closing' || socket.destroyed) return;
    this.#verdict = { code, error };
    socket.destroy(error);
  }

  /** Ends a life as planned, after sending what was written. */
  retire(verdict: Verdict): void {
    this.stopWatching();
    this.willEnd(verdict);
    this.#host.socket.end();
  }

  /** It will end for this reason, unless there is an earlier one. */
  willEnd(verdict: Verdict): void {
    this.#verdict ??= verdict;
  }

  /** More waits to be sent than `maxBuffered` allows. */
  overflowed(): void {
    const { socket, endpoint, options } = this.#host;
    this.end('max-buffered', overflowError(endpoint, socket.writableLength, options.maxBuffered));
  }

  /** One side has ended. The other has some time to end as well, and more of it while bytes still move. */
  halfClosed(): void {
    const { socket, state } = this.#host;
    // An application that keeps a socket half open has all the time it wants. Once both sides have ended, nothing is kept.
    if (state !== 'ready' || (socket.allowHalfOpen && !this.#verdict && !socket.writableEnded)) return;
    // What comes after a planned end answers nothing: a server that pushes would keep the life for ever.
    const moved = (): number => (this.#verdict ? 0 : socket.bytesRead) - socket.writableLength;
    const before = moved();
    const look = (): unknown => (moved() === before ? socket.destroy() : this.halfClosed());
    this.#host.setDeadline(halfClosedPatience, look);
  }

  #awaitHandshake(outcome: PromiseLike<unknown>): void {
    const pending = new PendingHandshake();
    this.#stage = pending;
    this.#limitHandshake();
    const settle = (act: () => void): void => {
      if (this.#stage === pending) this.#stage = undefined;
      act();
      pending.settled();
    };
    outcome.then(
      () => settle(() => this.#handshakeDone()),
      (cause: unknown) => settle(() => this.#handshakeFailed(cause, pending.isWaitedFor)),
    );
  }

  #limitHandshake(): void {
    const { options, state } = this.#host;
    if (state !== 'handshaking') return;
    const { handshakeTimeout } = options;
    this.#host.setDeadline(handshakeTimeout, () =>
      this.#handshakeFailed(handshakeTimedOut(handshakeTimeout)),
    );
  }

  #handshakeDone(): void {
    const host = this.#host;
    if (this.#stage === over) return;
    if (host.state === 'handshaking' && isDoubtful(host)) this.#awaitProof();
    else host.handshakeDone(this);
  }

  /** The peer has to say something before the connection counts as ready. */
  #awaitProof(): void {
    const host = this.#host;
    const { socket } = host;
    if (socket.destroyed) return;
    const patience = proofTimeout(host.options, this.uptime);
    host.setDeadline(patience, () => this.end('heartbeat', silentPeer(patience)));
    this.#stage = new Proof(socket, host.link.isReferenced, () => {
      this.stopWatching();
      host.handshakeDone(this);
    });
    sendPing(host, host.options.liveness, socket);
  }

  /**
   * A handshake has failed: it says why its life ends, whatever it has done to the socket before. Where the application has
   * called `disconnect()`, that stays the reason, and the failure is its cause.
   */
  #handshakeFailed(cause: unknown, isClosed: boolean = false): void {
    const host = this.#host;
    const { socket } = host;
    if (this.#stage === over) {
      if (!isLifeEnded(cause)) mentionError(host, cause, this.#callback);
      return;
    }
    const error = handshakeError(host.endpoint, this.#callback, cause);
    if (host.state === 'closing') {
      // Once the socket is closed, the handshake may fail for that very reason.
      if (isClosed) return;
      this.#verdict = { code: 'disconnect', error };
      if (host.closing) host.closing.error ??= error;
      return;
    }
    const { code, error: reason } = this.#verdict ?? {};
    const isOwnReason = (code === 'requested' || code === 'retired') && reason !== cause && !isClosed;
    if (!this.#verdict || isOwnReason) this.#verdict = { code: 'handshake', error };
    if (!socket.destroyed) socket.destroy(error);
  }
}
