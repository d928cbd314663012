import type { DialRequester, DrawnWait, EndedBy, Gates } from '../gate/index.js';
import type { Endpoint } from '../primitives/endpoint.js';
import { messageOf, type DialError } from '../primitives/errors.js';
import {
  publishDial,
  publishDialFailed,
  type ConnectionSource,
  type GateReport,
} from '../telemetry/index.js';
import { callSafely, reportError, type HandlerOwner } from './handler/call-handler.js';
import { Dial, dialError, dialOptions, dialTimeout } from './dial.js';
import { Failover } from './failover.js';
import type { ConnectionState, Trigger } from './life-cycle.js';
import type { Link } from './socket/link.js';
import type { ResolvedOptions } from './options/options.js';
import { judge, type Stop } from './verdict.js';
import type { DialFailure, Failure } from './stats/counters.js';
import type { ConnectionRecord } from './stats/record.js';

/** The connection, as far as its dialer needs it. */
export interface DialerHost extends HandlerOwner, ConnectionSource {
  readonly options: ResolvedOptions;
  readonly record: ConnectionRecord;
  readonly link: Link;
  readonly state: ConnectionState;
  /** Whether a caller waits for it, or one like it, to be ready. */
  readonly isWanted: boolean;
  move(trigger: Trigger, reason?: string | DialError): boolean;
  setDeadline(delay: number, act: () => void): void;
  /** Whether the socket will still emit 'close'. */
  isSocketOpen: boolean;
  /** No dial may follow. `failure` is the dial of its own that failed last. */
  stopped(stop: Stop, failure?: DialError): void;
}

/** Decides where to dial, asks the gate when, dials, and goes back to the gate when a dial has failed. */
export class Dialer implements DialRequester {
  readonly #host: DialerHost;
  readonly #failover: Failover;
  /** The dial that is going on. */
  #dial: Dial | undefined;
  /** While the backoff is asked, which may be user code. */
  #isAsking = false;
  /** Whether `reconnectNow()` was called meanwhile. */
  #isUrgent = false;

  constructor(host: DialerHost, endpoints: Endpoint | readonly Endpoint[], gates: Gates) {
    this.#host = host;
    this.#failover = new Failover(endpoints, host.options.tls !== undefined, gates);
  }

  /** The endpoint being dialled or in use, or to be dialled next. */
  get endpoint(): Endpoint {
    return this.#failover.endpoint;
  }

  /** The state of the gate to that endpoint. */
  get gateReport(): GateReport {
    return this.#failover.gate.report;
  }

  get options(): ResolvedOptions {
    return this.#host.options;
  }

  get isReferenced(): boolean {
    return this.#host.link.isReferenced;
  }

  get isWanted(): boolean {
    return this.#host.isWanted;
  }

  /** Whether that dial is going on. */
  isDialling(dial: Dial): boolean {
    return dial === this.#dial && this.#host.state === 'connecting';
  }

  /** Comes to the gate for the first time. */
  arrive(): void {
    this.#failover.arrive(this);
  }

  /** Skips the rest of the wait, and goes before the others at the gate. */
  makeUrgent(): void {
    if (this.#isAsking) this.#isUrgent = true;
    else if (this.#host.state === 'waiting') this.#failover.gate.makeUrgent(this);
  }

  /** `ref()` or `unref()` was called. */
  referenced(): void {
    this.#failover.gate.referenced(this);
  }

  /** The connection has gone from one state to another: tells the gate. */
  moved(from: ConnectionState, trigger: Trigger): void {
    const { gate } = this.#failover;
    if (from === 'waiting' && trigger !== 'dial') gate.leave(this);
    else if (from === 'connecting' && trigger === 'disconnect' && this.#dial) gate.dialAbandoned();
  }

  /** The connection is closed: it will not dial any more. */
  end(gates: Gates): void {
    this.#failover.end(gates);
  }

  /** Called by the gate. Dials in the context of the connection, whichever one the gate runs in. */
  dial(): void {
    this.#host.context.runInAsyncScope(this.#begin, this);
  }

  #begin(): void {
    const host = this.#host;
    const { link, options } = host;
    host.move('dial');
    host.record.beginDial();
    host.isSocketOpen = true;
    const dial = new Dial(this);
    this.#dial = dial;
    const { connectTimeout } = options;
    host.setDeadline(connectTimeout, () => link.current.destroy(dialTimeout(dial, connectTimeout)));
    try {
      link.dial(dialOptions(this.endpoint, options, dial), dial);
    } catch (error) {
      this.#abandon(dial, error instanceof Error ? error : new Error(messageOf(error)));
    }
    publishDial(host);
  }

  /** Ends a dial that Node.js never began. */
  #abandon(dial: Dial, error: Error): void {
    const socket = this.#host.link.current;
    if (!socket.destroyed) {
      socket.destroy(error);
      return;
    }
    this.#host.isSocketOpen = false;
    process.nextTick(() => dial.isCurrent && this.dialFailed(error));
  }

  dialSucceeded(): void {
    this.#dial = undefined;
    this.#failover.gate.dialSucceeded(this);
    this.#failover.lifeBegan();
  }

  dialFailed(cause: Error | undefined): void {
    const { endpoint } = this;
    const host = this.#host;
    const { gate } = this.#failover;
    const { phase } = this.#dial as Dial;
    this.#dial = undefined;
    const attempts = host.record.failuresInRow + 1;
    const error = dialError(endpoint, phase, attempts, cause);
    const failure: Failure = Object.freeze({ phase, error, endpoint, attempts });
    const stop = judge(host, failure);
    const drawn = this.#ask(() => gate.askBeforeDialFailed(this, !stop));
    host.record.failDial(phase, error);
    // The backoff may have disconnected.
    const goesOn = !stop && host.state === 'connecting';
    if (goesOn) host.move('dial-failed', error);
    const wait = gate.dialFailed(this, error, goesOn, drawn);
    if (stop && host.state === 'connecting') {
      host.stopped(stop, error);
      return;
    }
    const delay = goesOn ? this.#hurryIfUrgent(this.#failover.failOver(this, wait)) : undefined;
    publishDialFailed(host, error, attempts, delay);
    if (delay !== undefined) this.#tellOfRetry(Object.freeze({ error, endpoint, phase, attempts, delay }));
  }

  /** Asks for the wait that will follow the end of a life. This may run user code, so it comes before the change. */
  askBeforeLifeEnded(endedBy: EndedBy, uptime: number): DrawnWait {
    const { gate } = this.#failover;
    return this.#ask(() => gate.askBeforeLifeEnded(this, uptime, endedBy));
  }

  /** The life is over: queues for the next dial, if there is one, and says how long that wait is. */
  lifeEnded(endedBy: EndedBy, uptime: number, drawn: DrawnWait, movesOn: boolean): number | undefined {
    const { gate } = this.#failover;
    const goesOn = this.#host.state === 'waiting';
    const wait = gate.lifeEnded(this, uptime, goesOn ? endedBy : 'disconnect', drawn);
    if (!goesOn) return undefined;
    if (movesOn) this.#failover.moveOn();
    return this.#hurryIfUrgent(this.#failover.queueUp(this, gate, wait));
  }

  /** A dial of another connection to the same endpoint has failed, while this one waited for its turn. */
  dialFailedElsewhere(error: DialError): void {
    const host = this.#host;
    const attempts = host.record.shareFailure(error);
    const { endpoint } = this;
    const stop = judge(host, Object.freeze({ phase: error.phase, error, endpoint, attempts }));
    if (stop && host.state === 'waiting') {
      host.stopped(stop);
    } else if (host.state !== 'waiting') {
      return;
    } else if (this.#failover.size > 1) {
      this.#failover.gate.leave(this);
      this.#failover.failOver(this);
    }
  }

  /** Another connection was lost so soon that the endpoint counts as flapping, while this one waited for its turn. */
  endpointFlaps(): void {
    this.#failover.leaveFlapping(this);
  }

  backoffFailed(error: unknown): void {
    reportError(this.#host, error, 'backoff');
  }

  #ask(draw: () => DrawnWait): DrawnWait {
    this.#isAsking = true;
    this.#isUrgent = false;
    try {
      return this.#host.context.runInAsyncScope(draw);
    } finally {
      this.#isAsking = false;
    }
  }

  #hurryIfUrgent(delay: number): number {
    if (!this.#isUrgent) return delay;
    this.#isUrgent = false;
    this.makeUrgent();
    return 0;
  }

  #tellOfRetry(failure: DialFailure): void {
    const { handler, state } = this.#host;
    if (!handler.onRetry || state !== 'waiting') return;
    callSafely(this.#host, 'onRetry', () => handler.onRetry?.(failure));
  }
}
