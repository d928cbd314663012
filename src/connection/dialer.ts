import type { DialRequester, DrawnWait, EndedBy, Gates } from '../gate/index.js';
import type { Endpoint } from '../primitives/endpoint.js';
import { messageOf, type DialError } from '../primitives/errors.js';
import { publishDial, publishDialFailed, type GateReport } from '../telemetry/index.js';
import { reportError, tellHandler } from './handler/call-handler.js';
import { dialBlame } from './blame.js';
import type { DialerHost } from './dialer-host.js';
import { Dial, dialError, dialOptions, dialTimeout } from './dial.js';
import { Failover } from './failover.js';
import { HeldDial } from './held-dial.js';
import type { ConnectionState, Trigger } from './life-cycle.js';
import type { ResolvedOptions } from './options/options.js';
import { plannedRest, type WeighedLoss } from './weighed-loss.js';
import { fatalStop, judge, type Stop } from './verdict.js';

/** Decides where to dial, asks the gate when, dials, and goes back to the gate when a dial has failed. */
export class Dialer implements DialRequester {
  readonly #host: DialerHost;
  readonly #failover: Failover;
  /** The dial that is going on. */
  #dial: Dial | undefined;
  /** `asking` while the backoff is asked, which may be user code; `urgent` if that has called `reconnectNow()`; or held back. */
  #hurry: 'asking' | 'urgent' | HeldDial | undefined;

  constructor(host: DialerHost, endpoints: Endpoint | readonly Endpoint[], gates: Gates) {
    this.#host = host;
    this.#failover = new Failover(endpoints, host.options, gates);
  }

  /** The endpoint being dialled or in use, or to be dialled next. */
  get endpoint(): Endpoint {
    return this.#failover.endpoint;
  }

  get endpoints(): readonly Endpoint[] {
    return this.#failover.endpoints;
  }

  /** The state of the gate to that endpoint. */
  get gateReport(): GateReport {
    return this.#failover.gate.report;
  }

  /** How long the wait for the next dial goes on at least, in milliseconds. */
  get wait(): number {
    return this.#failover.gate.waitOf(this);
  }

  get owner(): object {
    return this.#host.owner.handlers ?? this;
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

  /** How many handshakes in a row were refused: of its own, or in a pool of those with the same endpoint and factory. */
  get refusedInRow(): number {
    return this.#failover.refusedInRow(this);
  }

  /** Its verdict holds for those of the same owner that wait for the same endpoint, once the change under way is complete. */
  shareVerdict(stop: Stop): void {
    this.#failover.gate.tellOwner(this, (other) => {
      if (other instanceof Dialer && other.#host.state === 'waiting') other.#host.stopped(stop);
    });
  }

  /** Whether that dial is going on. */
  isDialling(dial: Dial): boolean {
    return dial === this.#dial && this.#host.state === 'connecting';
  }

  /** Whether it does not queue for the next dial before {@link resume}. */
  get isHeld(): boolean {
    return this.#hurry instanceof HeldDial;
  }

  /** What kept it from dialling is over: queues for the next dial. */
  resume(): void {
    const held = this.#hurry;
    if (!(held instanceof HeldDial)) return;
    this.#hurry = undefined;
    if (this.#host.state === 'waiting') held.release(this, this.#failover);
  }

  /** Comes to the gate for the first time. */
  arrive(): void {
    this.#failover.arrive(this);
  }

  /** Skips the rest of the wait, and goes before the others at the gate. */
  makeUrgent(): void {
    if (this.#hurry instanceof HeldDial) this.#hurry.isUrgent = true;
    else if (this.#hurry) this.#hurry = 'urgent';
    else if (this.#host.state === 'waiting') this.#failover.gate.makeUrgent(this);
  }

  /** `ref()` or `unref()` was called. */
  referenced(): void {
    this.#failover.gate.referenced(this);
  }

  /** The connection has gone from one state to another: tells the gate. */
  moved(from: ConnectionState, trigger: Trigger): void {
    const { gate } = this.#failover;
    if (trigger === 'handshake-done') this.#failover.handshakeDone(this);
    else if (from === 'handshaking' && trigger === 'disconnect') gate.handshakeAbandoned(this);
    else if (from === 'waiting' && trigger !== 'dial') gate.leave(this);
    else if (from === 'connecting' && trigger === 'disconnect' && this.#dial) {
      gate.dialAbandoned(this);
      this.#dial.calledOff();
    }
  }

  /** The connection is closed: it will not dial any more. */
  end(gates: Gates): void {
    this.#failover.end(gates, this);
  }

  /** Called by the gate. Dials in the context of the connection, whichever one the gate runs in. */
  dial(): void {
    this.#host.context.runInAsyncScope(this.#begin, this);
  }

  #begin(): void {
    const host = this.#host;
    const { link, options } = host;
    host.move('dial');
    host.record.beginDial(host.owner.totalsFor?.(this.endpoint));
    host.isSocketOpen = true;
    const dial = (this.#dial = new Dial(this, host.context));
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
    if (!socket.destroyed) return void socket.destroy(error);
    this.#host.isSocketOpen = false;
    process.nextTick(() => dial.isCurrent && this.dialFailed(error));
  }

  dialSucceeded(): void {
    this.#dial = undefined;
    this.#failover.gate.dialSucceeded(this);
    this.#failover.lifeBegan();
  }

  dialFailed(cause: Error | undefined): void {
    const host = this.#host;
    const { gate } = this.#failover;
    const dial = this.#dial as Dial;
    const { endpoint, phase, hopeless } = dial;
    this.#dial = undefined;
    const attempts = host.record.failuresInRow + 1;
    const error = dialError(endpoint, phase, attempts, cause);
    dial.givenUp(error);
    const stop = hopeless ? fatalStop(error) : judge(host, { phase, error, endpoint, attempts });
    const blame = dial.isAsking ? 'options' : dialBlame(phase, cause, host.options.lookup !== undefined);
    const drawn = this.#ask(() => gate.askBeforeDialFailed(this, blame, !stop));
    host.record.failDial(phase, error, host.owner.totalsFor?.(endpoint));
    // The backoff may have disconnected.
    const goesOn = !stop && host.state === 'connecting';
    if (goesOn) host.move('dial-failed', error);
    const wait = gate.dialFailed(this, error, blame, goesOn, drawn);
    if (stop && host.state === 'connecting') {
      if (stop.code === 'fatal') this.shareVerdict(stop);
      host.stopped(stop, error);
      return;
    }
    const delay = goesOn ? this.#hurryIfUrgent(this.#failover.failOver(this, wait)) : undefined;
    publishDialFailed(host, error, attempts, delay);
    if (delay === undefined || host.state !== 'waiting') return;
    tellHandler(host, 'onRetry', Object.freeze({ error, endpoint, phase, attempts, delay }));
  }

  /** Asks for the wait that will follow the end of a life. This may run user code, so it comes before the change. */
  askBeforeLifeEnded(endedBy: EndedBy, uptime: number): DrawnWait {
    return this.#ask(() => this.#failover.gate.askBeforeLifeEnded(this, { uptime, endedBy }));
  }

  /** The life is over: queues for the next dial, if there is one, and says how long that wait is. */
  lifeEnded({ endedBy, uptime, isRefused, drawn, movesOn }: WeighedLoss): number | undefined {
    const { gate } = this.#failover;
    const goesOn = this.#host.state === 'waiting';
    const wait = gate.lifeEnded(this, { uptime, endedBy: goesOn ? endedBy : 'disconnect', isRefused }, drawn);
    if (!goesOn) return undefined;
    if (movesOn) this.#failover.moveOn();
    const rest = plannedRest(endedBy, uptime);
    if (this.#host.owner.holdsDial) this.#hurry = new HeldDial(rest, this.#hurry === 'urgent');
    if (this.isHeld) return rest ?? wait;
    if (rest !== undefined) return this.#hurryIfUrgent(this.#failover.queuePlanned(this, rest));
    return this.#hurryIfUrgent(this.#failover.queueUp(this, gate, wait));
  }

  /** A dial of another connection to the same endpoint has failed, while this one waited for its turn. */
  dialFailedElsewhere(error: DialError): void {
    const host = this.#host;
    const attempts = host.record.shareFailure(error);
    const stop = judge(host, { phase: error.phase, error, endpoint: this.endpoint, attempts });
    if (host.state !== 'waiting') return;
    if (stop) {
      host.stopped(stop);
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
    this.#hurry = 'asking';
    try {
      return this.#host.context.runInAsyncScope(draw);
    } finally {
      if (this.#hurry === 'asking') this.#hurry = undefined;
    }
  }

  #hurryIfUrgent(delay: number): number {
    if (!this.#hurry) return delay;
    this.#hurry = undefined;
    this.makeUrgent();
    return 0;
  }
}
