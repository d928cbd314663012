import type { DialRequester, DrawnWait, EndedBy, Gates } from '../../gate/index.js';
import type { Endpoint } from '../../primitives/endpoint.js';
import type { DialError } from '../../primitives/errors.js';
import type { GateReport } from '../../telemetry/index.js';
import { reportError } from '../handler/call-handler.js';
import { blameFor } from './blame.js';
import type { DialerHost } from './dialer-host.js';
import { beginDial } from './begin-dial.js';
import { dialError } from './dial-errors.js';
import { Dial } from './dial.js';
import { dialReplaced, tellDialFailed } from './dial-failed.js';
import { endRest, restFor, restOf } from './dial-rest.js';
import { hasFailedElsewhere } from './failed-elsewhere.js';
import { Failover } from './failover.js';
import { HeldDial } from './held-dial.js';
import type { ConnectionState, Trigger } from '../life-cycle.js';
import type { ResolvedOptions } from '../options/options.js';
import { replaceEndpoints } from './replace-endpoints.js';
import { tellGate } from './tell-gate.js';
import { plannedRest, type WeighedLoss } from './weighed-loss.js';
import { fatalStop, judge, type Stop } from './stop.js';

/** Decides where to dial, asks the gate when, dials, and goes back to the gate when a dial has failed. */
export class Dialer implements DialRequester {
  readonly #host: DialerHost;
  readonly failover: Failover;
  /** The dial that is going on. */
  #dial: Dial | undefined;
  /** `asking`: a backoff is asked, maybe the user's own. `urgent`: that one has called `reconnectNow()`. Or a lease holds the dial. */
  #hurry: 'asking' | 'urgent' | HeldDial | undefined;

  constructor(host: DialerHost, endpoints: Endpoint | readonly Endpoint[], gates: Gates) {
    this.#host = host;
    this.failover = new Failover(endpoints, host.options, gates);
  }

  /** The endpoint being dialled or in use, or to be dialled next. */
  get endpoint(): Endpoint {
    return this.failover.endpoint;
  }

  /** The state of the gate to that endpoint. */
  get gateReport(): GateReport {
    return this.failover.gate.report;
  }

  /** How long the wait for the next dial goes on at least, in milliseconds. */
  get wait(): number {
    return this.failover.gate.waitOf(this);
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

  /** How many handshakes were refused in a row: its own, or in a pool those of all with the same endpoint and factory. */
  get refusedInRow(): number {
    return this.failover.refusedInRow(this);
  }

  /** How long it does not dial, in milliseconds, whatever the gate says. */
  get rest(): number {
    return restOf(this);
  }

  /** The stop holds for the others of its owner that wait for the same endpoint. They hear of it when the present change is complete. */
  shareStop(stop: Stop): void {
    this.failover.gate.tellOwner(this, (other) => {
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
    if (this.#host.state === 'waiting') held.release(this, this.failover);
  }

  /** Comes to the gate for the first time. */
  arrive(): void {
    this.failover.arrive(this);
  }

  /** Skips the rest of the wait, and goes before the others at the gate. */
  makeUrgent(): void {
    endRest(this);
    if (this.#hurry instanceof HeldDial) this.#hurry.isUrgent = true;
    else if (this.#hurry) this.#hurry = 'urgent';
    else if (this.#host.state === 'waiting') this.failover.gate.makeUrgent(this);
  }

  /** Does not dial before that time has passed, unless it is made urgent. */
  restFor(milliseconds: number): void {
    const isQueued = this.#host.state === 'waiting' && !this.isHeld;
    restFor(this, milliseconds, isQueued ? this.failover.gate : undefined);
  }

  /** Dials these endpoints from now on. Returns whether a life goes on with one that is not among them. */
  setEndpoints(endpoints: readonly Endpoint[]): boolean {
    const present = replaceEndpoints(this.#host, this.failover, this, endpoints);
    if (present === 'wait') this.#goToSuccessor();
    return present === 'life';
  }

  /** `ref()` or `unref()` was called. */
  referenced(): void {
    this.failover.gate.referenced(this);
  }

  /** The connection has gone from one state to another: tells the gate. */
  moved(from: ConnectionState, trigger: Trigger): void {
    tellGate(this.failover, this, this.#dial, from, trigger);
  }

  /** The connection is closed: it will not dial any more. */
  end(gates: Gates): void {
    this.failover.end(gates, this);
  }

  /** Called by the gate. Dials in the context of the connection, whichever one the gate runs in. */
  dial(): void {
    this.#host.context.runInAsyncScope(this.#begin, this);
  }

  #begin(): void {
    const dial = new Dial(this, this.#host.context);
    this.#dial = dial;
    beginDial(this.#host, dial, (error) => dial.isCurrent && this.dialFailed(error));
  }

  dialSucceeded(): void {
    this.#dial = undefined;
    this.failover.gate.dialSucceeded(this);
    this.failover.lifeBegan();
  }

  dialFailed(cause: Error | undefined): void {
    const host = this.#host;
    const { gate } = this.failover;
    const dial = this.#dial as Dial;
    const { endpoint, phase, hopeless } = dial;
    this.#dial = undefined;
    if (this.failover.successors) {
      return dialReplaced(host, gate, this, dial, cause, () => this.#goToSuccessor());
    }
    const attempts = host.record.failuresInRow + 1;
    const error = dialError(endpoint, phase, attempts, cause);
    dial.givenUp(error);
    const stop = hopeless ? fatalStop(error) : judge(host, { phase, error, endpoint, attempts });
    const blame = blameFor(dial, cause, host.options.lookup !== undefined, () => gate.isOfOwner(this));
    const drawn = this.#ask(() => gate.askBeforeDialFailed(this, blame, !stop));
    host.record.failDial(phase, error, host.owner.totalsFor?.(endpoint));
    // The backoff may have disconnected.
    const goesOn = !stop && host.state === 'connecting';
    if (goesOn) host.move('dial-failed', error);
    const wait = gate.dialFailed(this, error, blame, goesOn, drawn);
    if (stop && host.state === 'connecting') {
      if (stop.code === 'fatal') this.shareStop(stop);
      return host.stopped(stop, error);
    }
    const delay = goesOn ? this.#hurryIfUrgent(this.failover.failOver(this, wait)) : undefined;
    tellDialFailed(host, { error, endpoint, phase, attempts, delay });
  }

  /** Queues for the first of the endpoints that have replaced the present one. Returns the least wait. */
  #goToSuccessor(): number {
    this.failover.gate.leave(this);
    this.failover.goOn(false, true, this);
    return this.isHeld ? 0 : this.#hurryIfUrgent(this.failover.queuePlanned(this, 0));
  }

  /** Asks for the wait that will follow the end of a life. This may run user code, so it comes before the change. */
  askBeforeLifeEnded(endedBy: EndedBy, uptime: number): DrawnWait {
    return this.#ask(() => this.failover.gate.askBeforeLifeEnded(this, { uptime, endedBy }));
  }

  /** The life is over: queues for the next dial, if there is one, and says how long that wait is. */
  lifeEnded({ endedBy, uptime, isRefused, drawn, movesOn, startsOver }: WeighedLoss): number | undefined {
    const { gate } = this.failover;
    const goesOn = this.#host.state === 'waiting';
    const wait = gate.lifeEnded(this, { uptime, endedBy: goesOn ? endedBy : 'disconnect', isRefused }, drawn);
    if (!goesOn) return undefined;
    this.failover.goOn(movesOn, startsOver, this);
    const rest = plannedRest(endedBy, uptime);
    if (this.#host.owner.holdsDial) this.#hurry = new HeldDial(rest, this.#hurry === 'urgent');
    if (this.isHeld) return Math.max(rest ?? wait ?? 0, this.rest);
    if (rest !== undefined) return this.#hurryIfUrgent(this.failover.queuePlanned(this, rest));
    return this.#hurryIfUrgent(this.failover.queueUp(this, gate, wait));
  }

  /** A dial of another connection to the same endpoint has failed, while this one waited for its turn. */
  dialFailedElsewhere(error: DialError, other: DialRequester): void {
    if (this.rest > 0 || !(other instanceof Dialer)) return;
    if (!hasFailedElsewhere(this.#host, error, other.options) || this.failover.size === 1) return;
    this.failover.gate.leave(this);
    this.failover.failOver(this);
  }

  /** Another connection was lost so soon that the endpoint counts as flapping, while this one waited for its turn. */
  endpointFlaps(): void {
    if (this.rest === 0) this.failover.leaveFlapping(this);
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
