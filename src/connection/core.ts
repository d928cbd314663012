import type { AsyncResource } from 'node:async_hooks';
import { abortReason, onAbort } from '../primitives/abort-listeners.js';
import type { Endpoint } from '../primitives/endpoint.js';
import { startDeadline, stopDeadline, type Deadline } from '../primitives/deadline.js';
import type { DialError } from '../primitives/errors.js';
import * as telemetry from '../telemetry/index.js';
import { requestsOf } from './life/attached-requests.js';
import { callerContext } from './async-context.js';
import { Callers } from './callers.js';
import { closedError, Closing, type ClosingHost } from './closing.js';
import { Dialer } from './dial/dialer.js';
import type { DialerHost } from './dial/dialer-host.js';
import type { Connection, DisconnectOptions, Handler, ManagedSocket } from './handler/connection.js';
import { heldError } from './handler/life-signal.js';
import { Life } from './life/life.js';
import type { LifeHost } from './life/life-host.js';
import { nextState, type ConnectionState, type Trigger } from './life-cycle.js';
import { readDisconnect, type ResolvedOptions } from './options/options.js';
import type { Owner, OwnerEvent } from './owner.js';
import { loseInTurn, loseLife } from './lose-life.js';
import { isRetiring, leave, leaveWithLife, retire, retireForAge, type Leaving } from './life/retire.js';
import type { Stop } from './dial/stop.js';
import { createLink } from './create-link.js';
import { linkObserver } from './link-observer.js';
import type { Link, LinkClosed } from './socket/link.js';
import type { CloseCode, ConnectionStats, Reset } from './stats/counters.js';
import { ConnectionRecord } from './stats/record.js';

let made = 0;

/**
 * What is behind a connection: the one door for every change of state, and what is done on entering and leaving each. The
 * dialer brings the link up, a life goes on until it is lost, and the closing ends it all.
 */
export class ConnectionCore<H extends Handler> implements DialerHost, LifeHost, ClosingHost {
  readonly id: number = ++made;
  readonly handler: H;
  readonly options: ResolvedOptions;
  readonly owner: Owner<Connection<H>>;
  /** That of the call which made the connection. */
  readonly context: AsyncResource = callerContext();
  readonly record: ConnectionRecord = new ConnectionRecord();
  readonly link: Link;
  isSocketOpen = true;
  /** Only {@link move} changes it. */
  state: ConnectionState = 'waiting';
  presentLife: Life | undefined = undefined;
  closing: Closing | undefined = undefined;
  readonly face: Connection<H>;
  readonly dialer: Dialer;
  #deadline: Deadline | undefined;
  #callers: Callers | undefined;
  #stopListening: (() => void) | undefined;

  constructor(
    face: Connection<H>,
    endpoints: Endpoint | readonly Endpoint[],
    handler: H,
    options: ResolvedOptions,
    owner: Owner<Connection<H>>,
  ) {
    this.face = face;
    this.handler = handler;
    this.options = options;
    this.owner = owner;
    this.dialer = new Dialer(this, endpoints, owner.shared.gates);
    this.link = createLink<ConnectionCore<H>>(options, this, linkObserver);
  }

  get pool(): string | undefined {
    return this.owner.pool;
  }

  get endpoint(): Endpoint {
    return this.dialer.endpoint;
  }

  get socket(): ManagedSocket {
    return this.link.current;
  }

  get life(): number {
    return this.record.lives;
  }

  get uptime(): number {
    return this.presentLife?.uptime ?? 0;
  }

  /** Whether a caller waits for it, or one like it, to be ready. */
  get isWanted(): boolean {
    return (this.#callers?.size ?? 0) > 0 || this.owner.isWanting === true;
  }

  get #lastCause(): unknown {
    return this.closing?.error ?? this.record.lastReset?.error ?? this.record.lastDialError;
  }

  stats(): ConnectionStats {
    return this.record.stats(this, this.presentLife && this.socket, requestsOf(this)?.stats());
  }

  /** The one door: every change of state goes through here. */
  move(trigger: Trigger, reason?: string | DialError): boolean {
    const from = this.state;
    const to = nextState(from, trigger);
    if (!to) return false;
    stopDeadline(this.#deadline);
    this.#deadline = undefined;
    this.state = to;
    this.presentLife?.stopWatching();
    this.dialer.moved(from, trigger);
    telemetry.traceMove(this, from, this.state, trigger, reason);
    if (this.state === 'ready') this.#callers?.becameReady();
    else if (this.state === 'closed') this.#release();
    this.owner.changing(this.face, from);
    return true;
  }

  /** Acts after `delay` milliseconds, unless the state is left before. Replaces an earlier deadline. */
  setDeadline(delay: number, act: () => void): void {
    stopDeadline(this.#deadline);
    this.#deadline = startDeadline(delay, this.link.isReferenced, act);
  }

  /** A change is complete and published: tells the owner. */
  tell(event: OwnerEvent, reset?: Reset): void {
    this.owner.changed(this.face, event, reset);
  }

  /** Dials for the first time. Called by the owner, once the connection is on its list. */
  start(): void {
    telemetry.publishCreate(this);
    const { signal } = this.options;
    if (signal) this.#stopListening = onAbort(signal, () => this.close('aborted', abortReason(signal)));
    if (this.record.dials === 0 && this.state === 'waiting') this.dialer.arrive();
  }

  stopped({ code, error }: Stop, failure?: DialError): void {
    this.closing = new Closing(this, code, error);
    this.closing.finish('gave-up', failure);
    // A socket that has never dialled is open.
    if (this.isSocketOpen) this.socket.destroy();
  }

  up(): void {
    this.dialer.dialSucceeded();
    const life = new Life(this.record.beginLife(this.owner.totalsFor?.(this.endpoint)), this);
    this.presentLife = life;
    this.move('connected');
    telemetry.publishConnected(this);
    life.shakeHands();
    this.link.readOn();
  }

  handshakeDone(life: Life): void {
    if (this.socket.destroyed || !this.move('handshake-done')) return;
    this.record.settle();
    life.watch();
    this.link.announceDrain();
    telemetry.publishReady(this);
    this.tell('ready');
  }

  ready(signal: AbortSignal | undefined): Promise<ManagedSocket> {
    if (this.state === 'closed') return Promise.reject(closedError(this.endpoint, this.#lastCause));
    if (this.dialer.isHeld) return Promise.reject(heldError(this));
    this.#callers ??= new Callers();
    return this.#callers
      .whenReady(this.state === 'ready' && !this.socket.destroyed && !this.isRetiring, signal)
      .then(() => this.socket);
  }

  /** A lease keeps it from dialling. Callers of `ready()` are rejected, as the holder of the lease may be one of them. */
  heldBack(): void {
    this.#callers?.heldBack(heldError(this));
  }

  /** The socket is closed: once for each dial. */
  socketClosed(closed: LinkClosed): void {
    const life = this.presentLife;
    if (life?.isUndecided) return life.whenDecided(() => loseLife(this, life, closed));
    if (life) return loseInTurn(this, life, closed);
    this.isSocketOpen = false;
    leaveWithLife(this);
    if (this.state === 'closing') this.closing?.finish('socket-closed');
    else if (this.state === 'connecting') this.dialer.dialFailed(closed.error);
  }

  /** Closes the connection, from whatever state. */
  close(code: CloseCode, error?: unknown, grace?: number): void {
    const life = this.socket.destroyed ? undefined : this.presentLife;
    if (this.move('disconnect', code)) {
      this.closing = new Closing(this, code, error);
      this.closing.begin(life, grace);
    } else if (life && grace !== undefined) {
      this.closing?.flushAndEnd(life, grace);
    }
  }

  get isRetiring(): boolean {
    return isRetiring(this);
  }

  retire(reason: Error | undefined): Promise<void> {
    return retire(this, reason);
  }

  tooOld(): void {
    retireForAge(this);
  }

  /** Closes the connection once nothing is under way, at the latest after `drain`. */
  leave(leaving: Leaving, lingers: boolean = this.owner.wasPicked === true): void {
    leave(this, leaving, lingers);
  }

  disconnect(options?: DisconnectOptions): Promise<void> {
    // Nothing counts the users of a connection without a pool, so a drain that is asked for is granted.
    this.leave(readDisconnect(options), this.owner.wasPicked !== false);
    return this.whenClosed();
  }

  whenClosed(): Promise<void> {
    return this.state === 'closed' ? Promise.resolve() : (this.#callers ??= new Callers()).whenClosed;
  }

  #release(): void {
    this.dialer.end(this.owner.shared.gates);
    this.#stopListening?.();
    this.#callers?.closed(closedError(this.endpoint, this.#lastCause));
  }

  handlerFailed(error: unknown, where: string): void {
    this.record.count('handler-error', this.owner.totalsFor?.(this.endpoint));
    telemetry.publishHandlerError(this, error, where);
    this.tell('handler-error');
  }

  pinged(): void {
    this.record.count('ping', this.owner.totalsFor?.(this.endpoint));
    telemetry.publishPing(this);
  }

  referenced(): void {
    if (this.link.isReferenced) this.#deadline?.ref();
    else this.#deadline?.unref();
    this.dialer.referenced();
  }
}
