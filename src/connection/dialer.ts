import type { Gates } from '../gate/index.js';
import type { Endpoint } from '../primitives/endpoint.js';
import { messageOf, type DialError } from '../primitives/errors.js';
import type { Deadline } from '../primitives/deadline.js';
import { publishDial, publishDialFailed, traceMove, type GateReport } from '../telemetry/index.js';
import type { Commons } from './shared.js';
import { Course } from './failover.js';
import { Dial, dialError, dialOptions, dialTimeout } from './dial.js';
import type { ConnectionStats, DialFailure, Rarity, ResetCode } from './stats/counters.js';
import { callSafely, reportError, type Handler, type ManagedSocket } from './handler.js';
import { Ledger } from './stats/record.js';
import { nextState, type ConnectionState, type Trigger } from './life-cycle.js';
import type { Link } from './socket/link.js';
import type { ResolvedOptions } from './options/options.js';
import type { Tally } from './stats/totals.js';

/** Ends of a life that the program has wished for. */
const doneByProgram: ReadonlySet<ResetCode> = new Set(['local-end', 'requested', 'max-age', 'disconnect']);

/** How many connections there have been in this program. */
let made = 0;

/**
 * The part of a connection that brings its socket up: holds the state and its deadline, dials when the gate lets it, and
 * goes back to the gate when a dial has failed. What becomes of a life is the business of the class that extends this.
 */
export abstract class Dialler<H extends Handler> {
  /** The number of the connection, among all of this program: stable, and never used again. */
  readonly id: number = ++made;
  /** The handler that was given. */
  readonly handler: H;
  /** @internal */
  readonly options: ResolvedOptions;
  /** @internal */
  protected readonly course: Course;
  /** @internal */
  protected readonly ledger: Ledger = new Ledger();
  #state: ConnectionState = 'waiting';
  /** That of the present state. */
  #deadline: Deadline | undefined;
  #dial: Dial | undefined;
  /** @internal Whether the socket has yet to emit 'close'. */
  protected isOpen: boolean = true;

  constructor(endpoints: Endpoint | readonly Endpoint[], handler: H, options: ResolvedOptions, gates: Gates) {
    this.handler = handler;
    this.options = options;
    this.course = new Course(endpoints, options.tls !== undefined, gates);
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

  /** @internal How the gate to its endpoint stands. */
  get gate(): GateReport {
    return this.course.gate.report;
  }

  /** What has happened so far: a snapshot that does not change. */
  stats(): ConnectionStats {
    return this.ledger.stats(this);
  }

  /** @internal Adds what it has done to a sum, for who forgets it: it has to be closed. */
  addTo(sum: Tally): void {
    this.ledger.addTo(sum);
  }

  /** The name of its pool, if it belongs to one. */
  abstract get pool(): string | undefined;

  /** @internal */
  abstract handlerFailed(error: unknown, where: string): void;

  /** @internal */
  abstract get isWanted(): boolean;

  /** @internal */
  protected abstract get link(): Link;

  /** @internal */
  protected abstract get commons(): Commons;

  /** @internal Called after every change of state, in the middle of the work: not to run any of the program's own code. */
  protected abstract stateChanged(from: ConnectionState): void;

  /** @internal The last dial that was allowed has failed: its own, or one that it waited for. */
  protected abstract gaveUp(error: DialError, isOwn: boolean): void;

  /** @internal */
  get isReferenced(): boolean {
    return this.link.isReferenced;
  }

  /** @internal */
  protected count(what: Rarity): void {
    this.ledger.count(what);
  }

  /** @internal Whether it has never dialled. */
  protected get isNew(): boolean {
    return this.ledger.dials === 0;
  }

  /** @internal The one door: every change of state goes through here, and calls off the deadline of the state that is left. */
  protected move(trigger: Trigger, reason?: string | DialError): boolean {
    const state = nextState(this.#state, trigger);
    if (!state) return false;
    const from = this.#state;
    this.#deadline?.cancel();
    this.#deadline = undefined;
    this.#state = state;
    this.#tellGate(from, trigger);
    traceMove(this, from, state, trigger, reason);
    this.stateChanged(from);
    return true;
  }

  /** @internal What is to be done when the present state has lasted for so long. */
  protected setDeadline(delay: number, act: () => void): void {
    this.#deadline?.cancel();
    this.#deadline = this.commons.deadlines.set(delay, this.link.isReferenced, act);
  }

  /** @internal */
  protected referenced(): void {
    this.#deadline?.keepAlive(this.link.isReferenced);
    this.course.gate.referenced(this);
  }

  /** @internal Comes to the gate for the first time. */
  protected arrive(): void {
    this.course.arrive(this);
  }

  /** @internal To be dialled as soon as there is room for it. */
  protected hurry(): void {
    this.course.gate.makeUrgent(this);
  }

  /** @internal The life is over; says how long it waits for its turn to dial, if it does. */
  protected lifeOver(code: ResetCode, uptime: number): number | undefined {
    const { course } = this;
    const { gate } = course;
    const endedBy = this.#state === 'waiting' ? culprit(code) : 'disconnect';
    const drawn = gate.askBeforeLifeEnded(this, uptime, endedBy);
    const wait = gate.lifeEnded(this, uptime, endedBy, drawn);
    // The program's own backoff may have disconnected.
    if (this.#state !== 'waiting') return undefined;
    course.lifeEnded(code, uptime >= this.options.stableAfter);
    return course.queueUp(this, gate, wait);
  }

  /** @internal */
  dial(): void {
    this.move('dial');
    this.ledger.beginDial();
    this.isOpen = true;
    const dial = new Dial(this);
    this.#dial = dial;
    const { connectTimeout } = this.options;
    this.setDeadline(connectTimeout, () => this.socket.destroy(dialTimeout(dial, connectTimeout)));
    try {
      this.link.dial(dialOptions(this.endpoint, this.options, dial), dial);
    } catch (error) {
      this.#abandonDial(dial, error instanceof Error ? error : new Error(messageOf(error)));
    }
    publishDial(this);
  }

  /** @internal Whether that dial is going on. */
  isDialling(dial: Dial): boolean {
    return dial === this.#dial && this.#state === 'connecting';
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
    this.course.gate.dialSucceeded(this);
    this.course.lifeBegan();
    this.ledger.beginLife();
  }

  /** @internal */
  protected dialFailed(cause: Error | undefined): void {
    const { course, endpoint } = this;
    const { gate } = course;
    const { phase } = this.#dial as Dial;
    this.#dial = undefined;
    const attempts = this.ledger.failDial(phase);
    const error = dialError(endpoint, phase, attempts, cause);
    this.ledger.lastDialError = error;
    const isLast = attempts >= this.options.maxAttempts;
    if (!isLast) this.move('dial-failed', error);
    const drawn = gate.askBeforeDialFailed(this, !isLast);
    const wait = gate.dialFailed(this, error, !isLast, drawn);
    if (isLast && this.#state === 'connecting') {
      this.gaveUp(error, true);
      return;
    }
    const delay = this.#state === 'waiting' ? course.failOver(this, wait) : undefined;
    publishDialFailed(this, error, attempts, delay);
    if (delay !== undefined) this.#tellOfRetry(Object.freeze({ error, endpoint, phase, attempts, delay }));
  }

  /** @internal A dial of another to the same endpoint has failed, while it waited for its turn. */
  dialFailedElsewhere(error: DialError): void {
    const { course } = this;
    const attempts = this.ledger.shareFailure(error);
    if (attempts >= this.options.maxAttempts) {
      this.gaveUp(error, false);
    } else if (course.size > 1) {
      course.gate.leave(this);
      course.failOver(this);
    }
  }

  /** @internal The endpoint has lost another so soon that it is not believed, while it waited for its turn. */
  endpointFlaps(): void {
    this.course.leaveFlapping(this);
  }

  /** @internal */
  backoffFailed(error: unknown): void {
    reportError(this, error, 'backoff');
  }

  #tellOfRetry(failure: DialFailure): void {
    const { handler } = this;
    if (!handler.onRetry || this.#state !== 'waiting') return;
    callSafely(this, 'onRetry', () => handler.onRetry?.(failure));
  }

  #tellGate(from: ConnectionState, trigger: Trigger): void {
    const { course } = this;
    if (from === 'waiting' && trigger !== 'dial') course.gate.leave(this);
    else if (from === 'connecting' && trigger === 'disconnect' && this.#dial) course.gate.dialAbandoned();
    if (this.#state === 'closed') course.end(this.commons.gates);
  }
}

function culprit(code: ResetCode): 'program' | 'endpoint' {
  return doneByProgram.has(code) ? 'program' : 'endpoint';
}
