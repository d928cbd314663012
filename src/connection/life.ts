import type { Endpoint } from '../primitives/endpoint.js';
import { now } from '../primitives/time.js';
import { isThenable, reportError, type HandlerOwner } from './handler/call-handler.js';
import type { ManagedSocket } from './handler/handler.js';
import { handshakeCallback, handshakeError, handshakeTimedOut } from './handshake.js';
import type { ConnectionState } from './life-cycle.js';
import { startWatchdog } from './liveness/heartbeat.js';
import type { Shared } from './shared.js';
import type { Watchdog } from './liveness/watchdog.js';
import type { ResolvedOptions } from './options/options.js';
import { overflowError, type Verdict } from './reset.js';
import type { ResetCode } from './stats/counters.js';

/** How long a life may stay half closed while nothing moves, in milliseconds. Then it ends. */
const halfClosedPatience = 2_000;

/** The connection, as far as a life needs it. */
export interface LifeHost extends HandlerOwner {
  readonly endpoint: Endpoint;
  readonly options: ResolvedOptions;
  readonly socket: ManagedSocket;
  readonly state: ConnectionState;
  readonly owner: { readonly shared: Shared };
  /** Whether a life that is over its `maxAge` ends now. */
  readonly mayRetire: boolean;
  setDeadline(delay: number, act: () => void): void;
  /** The handshake is done: the connection is ready, unless it is closing. */
  handshakeDone(life: Life): void;
  pinged(): void;
}

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
  #watchdog: Watchdog | undefined;
  #isOver = false;

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
    const { handler, context, socket } = this.#host;
    try {
      const callback = handler[handshakeCallback(this.number)];
      const outcome: unknown = context.runInAsyncScope(callback, handler, socket);
      if (isThenable(outcome)) {
        this.#awaitHandshake();
        outcome.then(
          () => this.#handshakeDone(),
          (cause: unknown) => this.#failHandshake(cause),
        );
        return;
      }
    } catch (cause) {
      if (!this.#failHandshake(cause)) reportError(this.#host, cause, handshakeCallback(this.number));
      return;
    }
    this.#handshakeDone();
  }

  /** The connection is ready: looks after the life from now on. */
  watch(): void {
    const host = this.#host;
    const { liveness } = host.options;
    if (liveness) {
      this.#watchdog = startWatchdog(host.owner.shared.sweep, liveness, host, this.uptime, (code, error) => {
        if (code !== 'max-age') this.end(code, error);
        else if (host.mayRetire) this.retire();
      });
    }
  }

  stopWatching(): void {
    const { options, owner } = this.#host;
    if (this.#watchdog && options.liveness)
      owner.shared.sweep.delete(options.liveness.period, this.#watchdog);
    this.#watchdog = undefined;
  }

  /** The socket has closed. What a late handshake says has no effect any more. */
  over(): void {
    this.stopWatching();
    this.#isOver = true;
  }

  /** Ends it at once, for a reason of connman's own. Nothing happens when it is ending already. */
  end(code: ResetCode, error?: Error): void {
    const { state, socket } = this.#host;
    if (state === 'closing' || socket.destroyed) return;
    this.#verdict = { code, error };
    socket.destroy(error);
  }

  /** Ends a life that is old, after sending what was written. */
  retire(): void {
    this.stopWatching();
    this.willEnd({ code: 'max-age' });
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

  /** One side has ended: the other has some time to end as well, as long as bytes still move. */
  halfClosed(): void {
    const { socket, state } = this.#host;
    if (state !== 'ready' || (socket.allowHalfOpen && !this.#verdict)) return;
    const progress = socket.bytesRead - socket.writableLength;
    this.#host.setDeadline(halfClosedPatience, () => {
      if (socket.bytesRead - socket.writableLength === progress) socket.destroy();
      else this.halfClosed();
    });
  }

  #awaitHandshake(): void {
    const { options, state } = this.#host;
    if (state !== 'handshaking') return;
    const { handshakeTimeout } = options;
    this.#host.setDeadline(handshakeTimeout, () => {
      this.#failHandshake(handshakeTimedOut(handshakeTimeout));
    });
  }

  #handshakeDone(): void {
    if (!this.#isOver) this.#host.handshakeDone(this);
  }

  /** Ends the life for its handshake, unless it has ended, or is ending for another reason. */
  #failHandshake(cause: unknown): boolean {
    const host = this.#host;
    if (this.#isOver || host.state !== 'handshaking' || host.socket.destroyed) return false;
    this.end('handshake', handshakeError(host.endpoint, this.number, cause));
    return true;
  }
}
