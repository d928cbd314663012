import type { Endpoint } from '../primitives/endpoint.js';
import { messageOf, type DialError } from '../primitives/errors.js';
import { startTimer, stopTimer, type Timer } from '../primitives/time.js';
import { publishDial, publishDialFailed, traceMove } from '../telemetry/index.js';
import { Course } from './course.js';
import { Dial, dialError, dialOptions, dialTimeout } from './dial.js';
import type { ConnectionStats, Rarity } from './events.js';
import { callSafely, reportError, type Handler, type ManagedSocket } from './handler.js';
import { Ledger } from './ledger.js';
import { nextState, type ConnectionState, type Trigger } from './life-cycle.js';
import type { Link } from './link.js';
import type { ResolvedOptions } from './options.js';

/** How many connections there have been in this program. */
let made = 0;

/**
 * The part of a connection that brings its socket up: holds the state and the timer, dials, and waits for the next dial
 * when one has failed. What becomes of a life is the business of the class that extends this.
 */
export abstract class Dialler<H extends Handler> {
  /** The number of the connection, among all of this program: stable, and never used again. */
  readonly id: number = ++made;
  /** The handler that was given. */
  readonly handler: H;
  /** @internal */
  protected readonly options: ResolvedOptions;
  /** @internal */
  protected readonly course: Course;
  /** @internal */
  protected readonly ledger: Ledger = new Ledger();
  #state: ConnectionState = 'waiting';
  #timer: Timer | undefined;
  #dial: Dial | undefined;
  /** @internal Whether the socket has yet to emit 'close'. */
  protected isOpen: boolean = true;

  constructor(endpoints: Endpoint | readonly Endpoint[], handler: H, options: ResolvedOptions) {
    this.handler = handler;
    this.options = options;
    this.course = new Course(endpoints);
  }

  /** The endpoint being dialled or in use, or to be dialled next. */
  get endpoint(): Endpoint {
    return this.course.endpoint;
  }

  /**
   * The socket: the same object for the life of the connection, or over TLS the one of the present dial or life. Before the
   * first dial has succeeded it is not up.
   */
  get socket(): ManagedSocket {
    return this.link.current;
  }

  /** Where the connection is in its life-cycle. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** How many lives have begun. */
  get life(): number {
    return this.ledger.life;
  }

  /** How long the present life has lasted, in milliseconds; 0 outside a life. */
  get uptime(): number {
    return this.ledger.uptime;
  }

  /** What has happened so far: a snapshot that does not change. */
  stats(): ConnectionStats {
    return this.ledger.stats(this);
  }

  /** The name of its pool, if it belongs to one. */
  abstract get pool(): string | undefined;

  /** @internal */
  abstract handlerFailed(error: unknown, where: string): void;

  /** @internal */
  protected abstract get link(): Link;

  /** @internal Called after every change of state, in the middle of the work: not to run any of the program's own code. */
  protected abstract stateChanged(from: ConnectionState): void;

  /** @internal The last dial that was allowed has failed. */
  protected abstract gaveUp(error: DialError): void;

  /** @internal */
  protected count(what: Rarity): void {
    this.ledger.count(what);
  }

  /** @internal Whether it has never dialled. */
  protected get isNew(): boolean {
    return this.ledger.dials === 0;
  }

  /** @internal The one door: every change of state goes through here, and ends the timer of the state that is left. */
  protected move(trigger: Trigger, reason?: string | DialError): boolean {
    const state = nextState(this.#state, trigger);
    if (!state) return false;
    const from = this.#state;
    stopTimer(this.#timer);
    this.#timer = undefined;
    this.#state = state;
    traceMove(this, from, state, trigger, reason);
    this.stateChanged(from);
    return true;
  }

  /** @internal Starts the timer of the present state. */
  protected startTimer(delay: number, fire: () => void): void {
    stopTimer(this.#timer);
    this.#timer = startTimer(delay, this.link.isReferenced, fire);
  }

  /** @internal */
  protected referenced(): void {
    if (this.link.isReferenced) this.#timer?.ref();
    else this.#timer?.unref();
  }

  /** @internal Waits so long for the next dial, instead of what is left of the wait. */
  protected waitFor(delay: number): void {
    this.startTimer(delay, () => this.dial());
  }

  /** @internal Waits for the next dial and says how long; no wait when the program's own backoff disconnected. */
  protected wait(choose: (report: (error: unknown) => void) => number): number | undefined {
    const delay = choose((error) => reportError(this, error, 'backoff'));
    if (this.#state !== 'waiting') return undefined;
    this.waitFor(delay);
    return delay;
  }

  /** @internal */
  protected dial(): void {
    this.move('dial');
    this.ledger.beginDial();
    this.isOpen = true;
    const dial = new Dial((each) => each === this.#dial && this.#state === 'connecting');
    this.#dial = dial;
    const { connectTimeout } = this.options;
    this.startTimer(connectTimeout, () => this.socket.destroy(dialTimeout(dial, connectTimeout)));
    try {
      this.link.dial(dialOptions(this.endpoint, this.options, dial), dial);
    } catch (error) {
      this.#abandonDial(dial, error instanceof Error ? error : new Error(messageOf(error)));
    }
    publishDial(this);
  }

  /** Ends a dial that Node.js never began. */
  #abandonDial(dial: Dial, error: Error): void {
    if (!this.socket.destroyed) {
      this.socket.destroy(error);
      return;
    }
    this.isOpen = false;
    process.nextTick(() => dial.isCurrent && this.dialFailed(error));
  }

  /** @internal */
  protected dialSucceeded(): void {
    this.#dial = undefined;
    this.course.lifeBegan();
    this.ledger.beginLife();
  }

  /** @internal */
  protected dialFailed(cause: Error | undefined): void {
    const { handler, endpoint } = this;
    const { phase } = this.#dial as Dial;
    const attempts = this.ledger.failDial(phase);
    const error = dialError(endpoint, phase, attempts, cause);
    this.ledger.lastDialError = error;
    if (attempts >= this.options.maxAttempts) {
      this.gaveUp(error);
      return;
    }
    this.move('dial-failed', error);
    const delay = this.wait((report) => this.course.dialFailed(this.options, report));
    publishDialFailed(this, error, attempts, delay);
    if (!handler.onRetry || delay === undefined || this.#state !== 'waiting') return;
    const failure = Object.freeze({ error, endpoint, phase, attempts, delay });
    callSafely(this, 'onRetry', () => handler.onRetry?.(failure));
  }
}
