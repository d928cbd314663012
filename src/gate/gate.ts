import type { Endpoint } from '../primitives/endpoint.js';
import type { DialError } from '../primitives/errors.js';
import { now } from '../primitives/time.js';
import type { GateReport } from '../telemetry/index.js';
import type { DialBlame, LifeReport } from './decision.js';
import type { DialLimit } from './dial-limit.js';
import { hasAllies, type DialRequester } from './dial-requester.js';
import { GatePublisher } from './gate-publisher.js';
import { snapshotOf } from './gate-snapshot.js';
import { Handshakes } from './handshakes.js';
import type { EndedLife, Line } from './line.js';
import type { Owners, OwnersLife } from './owners.js';
import type { DrawnWait } from './shared-backoff.js';
import { provenWindow, Turnstile } from './turnstile.js';
import { SlowStart } from './window.js';

/**
 * Says when a dial to an endpoint may begin. All connections of a manager to that endpoint share it: they report their dials
 * and lives, and queue here for their turn, with one timer for all. What is true of the endpoint counts for all of them; what
 * fails by the options or the handler of one owner counts for that owner ({@link Owners}).
 *
 * A failed dial and an ended life take two calls: `askBefore…()` asks the backoff, which may run code of the user's, and changes
 * nothing; `dialFailed()` and `lifeEnded()` apply the event with that answer, unless the requester was disconnected in between.
 */
export class Gate {
  readonly endpoint: Endpoint;
  readonly isTls: boolean;
  /** What the gates of the manager keep it by. */
  key = '';
  /** How many connections hold this gate. */
  users = 0;
  readonly #turnstile: Turnstile;
  readonly #handshakes: Handshakes = new Handshakes();
  readonly #publisher: GatePublisher;

  constructor(endpoint: Endpoint, isTls: boolean, maxDialing: number, limit: DialLimit) {
    this.endpoint = endpoint;
    this.isTls = isTls;
    this.#turnstile = new Turnstile(new SlowStart(maxDialing), limit, () => this.#publisher.schedule());
    this.#publisher = new GatePublisher(this);
  }

  /** Its state now: a snapshot. */
  get report(): GateReport {
    return snapshotOf(this.#line.admission, this.#turnstile.queue);
  }

  /**
   * Whether to dial another endpoint, if there is one. Dials fail here, or lives die young; and another requester is finding out
   * whether that is over, or it is too early for it.
   */
  get isShut(): boolean {
    const { health, dialling, due } = this.#line.admission;
    const isProbed = dialling > 0 || this.#turnstile.queue.active > 0 || now() < due;
    return isProbed && (health === 'failing' || health === 'flapping');
  }

  get #line(): Line {
    return this.#turnstile.line;
  }

  get #owners(): Owners {
    return this.#turnstile.owners;
  }

  /** Whether an urgent dial would only be the next failure: lives die young here, or what its owner does fails here. */
  isHopeless(requester: DialRequester): boolean {
    return this.#line.admission.health === 'flapping' || this.#owners.isInTrouble(requester);
  }

  /** Whether to blame its owner for the loss of a link in a handshake: others are ready here, or its owner alone is in trouble. */
  isOfOwner(requester: DialRequester): boolean {
    return this.#line.admission.lives > this.#handshakes.count || this.#owners.isInTrouble(requester);
  }

  /** How many handshakes of the requester's owner were refused here in a row. */
  refusedInRow(requester: DialRequester): number {
    return this.#owners.refusedInRow(requester);
  }

  /** A new requester: dials at once if the endpoint is good and no other dial is under way, and queues otherwise. */
  arrive(requester: DialRequester): void {
    this.#turnstile.arrive(requester);
  }

  /** Queues to dial again. Returns how long it waits at least, in milliseconds. */
  enter(requester: DialRequester, isUrgent: boolean): number {
    const urgency = this.#handshakes.wasLost(requester) ? 'doubtful' : 'normal';
    this.#turnstile.wait(requester, isUrgent ? 'urgent' : urgency);
    return isUrgent ? (requester.rest ?? 0) : this.waitOf(requester);
  }

  /** How long a requester waits at least from now on, in milliseconds, if it is not urgent. */
  waitOf(requester: DialRequester): number {
    const due = Math.max(this.#line.admission.due, this.#owners.dueOf(requester));
    return Math.max(due - now(), requester.rest ?? 0);
  }

  /** Queues to dial again after `rest` milliseconds, without any other wait if the endpoint is good. */
  enterPlanned(requester: DialRequester, rest: number): number {
    this.#turnstile.wait(requester, 'new', rest);
    const wait = this.#turnstile.isInTrouble ? this.#line.admission.due - now() : 0;
    return Math.max(rest, requester.rest ?? 0, wait);
  }

  /** Leaves the queue. */
  leave(requester: DialRequester): void {
    this.#turnstile.leave(requester);
  }

  /** The requester is closed. */
  forget(requester: DialRequester): void {
    this.#handshakes.left(requester);
    this.#handshakes.forget(requester);
    this.#owners.forget(requester);
  }

  /** If it is in the queue, it dials as soon as the window has room. */
  makeUrgent(requester: DialRequester): void {
    this.#turnstile.makeUrgent(requester);
  }

  /** `requester.isReferenced` may have changed. */
  referenced(requester: DialRequester): void {
    this.#turnstile.referenced(requester);
  }

  /** Its dial has succeeded, and its handshake begins. */
  dialSucceeded(requester: DialRequester): void {
    this.#turnstile.dialEnded();
    this.#handshakes.began(requester);
    if (this.#line.dialSucceeded(requester)) this.#turnstile.trialBegan(requester);
    this.#owners.options.succeeded(requester);
    this.#turnstile.plan();
  }

  /** Its handshake is done: the connection is ready. */
  handshakeDone(requester: DialRequester): void {
    if (!this.#handshakes.ended(requester)) return;
    this.#handshakes.forget(requester);
    this.#owners.handshakeDone(requester);
    if (!hasAllies(requester)) return;
    this.#line.admission.raiseWindow(now(), requester.options.stableAfter, provenWindow);
    this.#turnstile.plan();
  }

  /** Its handshake will not be done: it was disconnected, and its life goes on to the end of its socket. */
  handshakeAbandoned(requester: DialRequester): void {
    if (!this.#handshakes.abandoned(requester)) return;
    this.#owners.handshakeAbandoned(requester);
    this.#turnstile.plan();
  }

  /** Its handshake was done at another endpoint: earlier refusals here do not count any more. */
  forgive(requester: DialRequester): void {
    this.#owners.forgive(requester);
  }

  /**
   * To be called before {@link dialFailed}, and before anything that belongs to the failure has changed. A requester that does
   * not go on is not asked for its own backoff, only those in the queue are.
   */
  askBeforeDialFailed(requester: DialRequester, blame: DialBlame, goesOn: boolean = true): DrawnWait {
    const own = goesOn ? [requester] : [];
    if (blame === 'endpoint') {
      return this.#line.askDialFailed(requester, () => [...own, ...this.#turnstile.queue.toArray()]);
    }
    return this.#owners.options.askFailed(requester, () => [...own, ...this.#owners.like(requester)]);
  }

  /** A dial has failed; `goesOn`: the requester will dial again. Returns its wait in milliseconds, or `undefined` if none follows. */
  dialFailed(
    requester: DialRequester,
    error: DialError,
    blame: DialBlame,
    goesOn: boolean,
    drawn: DrawnWait,
  ): number | undefined {
    this.#turnstile.dialEnded();
    let delay: number | undefined;
    if (blame === 'endpoint') {
      delay = this.#line.dialFailed(requester, drawn);
      this.#owners.dialAbandoned(requester);
      if (error.phase === 'tls') this.#handshakes.lost(requester);
    } else {
      if (blame === 'answer') this.#line.dialAnswered();
      else this.#line.admission.dialAbandoned();
      delay = this.#owners.optionsFailed(requester, drawn);
    }
    if (delay !== undefined) {
      const others = blame === 'endpoint' ? this.#turnstile.queue.toArray() : this.#owners.like(requester);
      this.#tell(others, (other) => other.dialFailedElsewhere(error, requester));
    }
    this.#turnstile.plan();
    return goesOn ? delay : undefined;
  }

  /** The requester has called its dial off. */
  dialAbandoned(requester: DialRequester): void {
    this.#turnstile.dialEnded();
    this.#line.admission.dialAbandoned();
    this.#owners.dialAbandoned(requester);
    this.#turnstile.plan();
  }

  /** To be called before {@link lifeEnded}, and before anything that belongs to the end of the life has changed. */
  askBeforeLifeEnded(requester: DialRequester, life: LifeReport): DrawnWait {
    const ofOwner = this.#ownersLife(requester, life);
    if (life.endedBy === 'owner') return this.#owners.askLifeEnded(requester, ofOwner);
    const waiters = (): DialRequester[] => [requester, ...this.#turnstile.queue.toArray()];
    return this.#line.askLifeEnded(requester, this.#endOf(life), waiters);
  }

  /** A life has ended. Returns the length of the wait in milliseconds, or `undefined` if none follows. */
  lifeEnded(requester: DialRequester, life: LifeReport, drawn: DrawnWait): number | undefined {
    const ofOwner = this.#ownersLife(requester, life);
    const isOwn = life.endedBy === 'owner';
    if (this.#handshakes.ended(requester) && life.endedBy === 'endpoint') this.#handshakes.lost(requester);
    const { wait, delay } = this.#line.lifeEnded(requester, this.#endOf(life), isOwn ? undefined : drawn);
    const hasLeft = this.#handshakes.left(requester);
    const ownDelay = hasLeft
      ? undefined
      : this.#owners.lifeEnded(requester, ofOwner, isOwn ? drawn : undefined);
    const isFlapping = wait === 'loss' && this.#line.admission.health === 'flapping';
    if (isFlapping) this.#tell(this.#turnstile.queue.toArray(), (other) => other.endpointFlaps());
    this.#turnstile.plan();
    return isOwn ? ownDelay : delay;
  }

  /** Tells the others of its owner that wait here, once the change under way is complete and if they still wait. */
  tellOwner(requester: DialRequester, tell: (other: DialRequester) => void): void {
    this.#tell(this.#owners.allies(requester), tell);
  }

  #endOf({ uptime, endedBy }: LifeReport): EndedLife {
    return { uptime, counts: endedBy === 'endpoint', othersWait: this.#turnstile.queue.active > 0 };
  }

  #ownersLife(requester: DialRequester, { uptime, endedBy, isRefused = false }: LifeReport): OwnersLife {
    return { uptime, endedBy, isRefused, wasReady: !this.#handshakes.isGoingOn(requester) };
  }

  #tell(others: readonly DialRequester[], tell: (other: DialRequester) => void): void {
    process.nextTick(() => {
      for (const other of others) if (this.#turnstile.queue.has(other)) tell(other);
    });
  }
}
