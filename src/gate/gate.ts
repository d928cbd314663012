import type { Endpoint } from '../primitives/endpoint.js';
import type { DialError } from '../primitives/errors.js';
import { now } from '../primitives/time.js';
import type { GateReport } from '../telemetry/index.js';
import { Admission } from './admission.js';
import type { Decision, LifeEnd } from './decision.js';
import type { DialLimit } from './dial-limit.js';
import { DialQueue, type Urgency } from './dial-queue.js';
import type { DialRequester } from './dial-requester.js';
import { GatePublisher } from './gate-publisher.js';
import { snapshotOf } from './gate-snapshot.js';
import { GateTimer } from './gate-timer.js';
import { reportFailures, SharedBackoff, type DrawnWait } from './shared-backoff.js';

/**
 * Says when a dial to an endpoint may begin. All connections of a manager to that endpoint share it: they report their dials
 * and lives, and queue here for their turn, with one timer for all.
 *
 * A failed dial and an ended life take two calls: `askBefore…()` asks the backoff, which may run code of the user's, and
 * changes nothing; `dialFailed()` and `lifeEnded()` apply the event with that answer, and run no code of the user's. If the
 * requester was disconnected in between, the answer is dropped.
 */
export class Gate {
  readonly endpoint: Endpoint;
  readonly isTls: boolean;
  /** How many connections hold this gate. */
  users = 0;
  readonly #queue: DialQueue = new DialQueue();
  readonly #backoff: SharedBackoff = new SharedBackoff();
  readonly #admission: Admission;
  /** Set while the queue is not empty. */
  readonly #timer: GateTimer;
  /** The requester whose life has to be stable before the endpoint is good again. */
  #onTrial: DialRequester | undefined;
  readonly #publisher: GatePublisher;

  constructor(endpoint: Endpoint, isTls: boolean, maxDialing: number, limit: DialLimit) {
    this.endpoint = endpoint;
    this.isTls = isTls;
    this.#timer = new GateTimer(limit, () => this.#open());
    this.#admission = new Admission(maxDialing);
    this.#publisher = new GatePublisher(this);
  }

  /** Its state now: a snapshot. */
  get report(): GateReport {
    return snapshotOf(this.#advance(), this.#queue.size, this.#queue.urgency);
  }

  /**
   * Whether to dial elsewhere, if there is another endpoint: dials fail here, or lives die young; and another requester finds
   * out when that is over, or it is too early to.
   */
  get isShut(): boolean {
    const { health, dialling, due } = this.#advance();
    const isProbed = dialling > 0 || this.#queue.size > 0 || now() < due;
    return isProbed && (health === 'failing' || health === 'flapping');
  }

  /** Whether lives die young here: an urgent dial would only be the next of them. */
  get isFlapping(): boolean {
    return this.#advance().health === 'flapping';
  }

  /** A new requester: dials at once if the endpoint is good and no other dial is under way, and queues otherwise. */
  arrive(requester: DialRequester): void {
    const { health, dialling } = this.#advance();
    const isBusy = dialling > 0 || this.#queue.size > 0 || !this.#timer.limit.hasRoom;
    if (health !== 'good' || isBusy) {
      this.#wait(requester, 'new');
      return;
    }
    this.#admission.freshArrival();
    this.#begin(requester, false);
    this.#admission.batchBegan(now());
    this.#publisher.schedule();
  }

  /** Queues to dial again. Returns how long it waits at least, in milliseconds. */
  enter(requester: DialRequester, isUrgent: boolean): number {
    this.#wait(requester, isUrgent ? 'urgent' : 'normal');
    return isUrgent ? 0 : Math.max(0, this.#admission.due - now());
  }

  /** Leaves the queue. */
  leave(requester: DialRequester): void {
    if (this.#queue.delete(requester)) this.#plan();
  }

  /** If it is in the queue, it dials as soon as the window has room. */
  makeUrgent(requester: DialRequester): void {
    this.#queue.makeUrgent(requester);
    this.#plan();
  }

  /** `requester.isReferenced` may have changed. */
  referenced(requester: DialRequester): void {
    if (!this.#queue.has(requester)) return;
    this.#queue.referenced(requester);
    this.#plan();
  }

  dialSucceeded(requester: DialRequester): void {
    this.#timer.limit.ended();
    const { health, isOnTrial } = this.#advance();
    this.#admission.dialSucceeded(now(), requester.options.stableAfter);
    if (this.#admission.isOnTrial) this.#onTrial = isOnTrial ? this.#onTrial : requester;
    else if (health !== 'good') this.#backoff.goBack();
    this.#plan();
  }

  /**
   * To be called before {@link dialFailed}, and before anything that belongs to the failure has changed. A requester that does
   * not go on is not asked for its own backoff, only those in the queue are.
   */
  askBeforeDialFailed(requester: DialRequester, goesOn: boolean = true): DrawnWait {
    const decision = this.#advance().afterDialFailure(now(), requester.options.stableAfter);
    return this.#draw(decision, goesOn ? requester : undefined);
  }

  /**
   * A dial has failed; `goesOn` says whether the requester will dial again. Returns the length of its wait in milliseconds, or
   * `undefined` if none follows.
   */
  dialFailed(
    requester: DialRequester,
    error: DialError,
    goesOn: boolean,
    drawn: DrawnWait,
  ): number | undefined {
    this.#timer.limit.ended();
    const admission = this.#advance();
    const delay = this.#backoff.delayOf(drawn);
    const decision = admission.dialFailed(now(), requester.options.stableAfter, delay);
    reportFailures(drawn);
    if (decision.wait) this.#tellQueue((other) => other.dialFailedElsewhere(error));
    this.#apply(decision, drawn);
    return goesOn && decision.wait ? delay : undefined;
  }

  /** The requester has called its dial off. */
  dialAbandoned(): void {
    this.#timer.limit.ended();
    this.#admission.dialAbandoned();
    this.#plan();
  }

  /** To be called before {@link lifeEnded}, and before anything that belongs to the end of the life has changed. */
  askBeforeLifeEnded(requester: DialRequester, uptime: number, endedBy: LifeEnd['endedBy']): DrawnWait {
    const admission = this.#advance();
    return this.#draw(admission.afterLife(now(), this.#lifeEnd(requester, uptime, endedBy)), requester);
  }

  /** A life has ended. Returns the length of the wait in milliseconds, or `undefined` if none follows. */
  lifeEnded(
    requester: DialRequester,
    uptime: number,
    endedBy: LifeEnd['endedBy'],
    drawn: DrawnWait,
  ): number | undefined {
    const admission = this.#advance();
    const end = this.#lifeEnd(requester, uptime, endedBy);
    const delay = this.#backoff.delayOf(drawn);
    const decision = admission.lifeEnded(now(), end, delay);
    if (this.#onTrial === requester) this.#onTrial = undefined;
    reportFailures(drawn);
    const isFlapping = decision.wait === 'loss' && admission.health === 'flapping';
    if (isFlapping) this.#tellQueue((other) => other.endpointFlaps());
    this.#apply(decision, drawn);
    return decision.wait ? delay : undefined;
  }

  #lifeEnd(requester: DialRequester, uptime: number, endedBy: LifeEnd['endedBy']): LifeEnd {
    const { stableAfter } = requester.options;
    const wasOnTrial = this.#admission.isOnTrial && this.#onTrial === requester;
    return { uptime, stableAfter, endedBy, wasOnTrial, othersWait: this.#queue.size > 0 };
  }

  #draw({ wait, isStable }: Decision, requester: DialRequester | undefined): DrawnWait {
    if (!wait) return undefined;
    const waiting = this.#queue.toArray();
    return this.#backoff.draw(wait, requester ? [requester, ...waiting] : waiting, isStable);
  }

  #apply({ wait, isStable }: Decision, drawn: DrawnWait): void {
    if (isStable) this.#backoff.restart();
    if (wait && drawn) this.#backoff.apply(drawn);
    this.#plan();
  }

  /** Tells those who wait now, and still do once the change under way is complete. */
  #tellQueue(tell: (other: DialRequester) => void): void {
    const others = this.#queue.toArray();
    if (others.length === 0) return;
    process.nextTick(() => {
      for (const other of others) if (this.#queue.has(other)) tell(other);
    });
  }

  #wait(requester: DialRequester, urgency: Urgency): void {
    if (this.#queue.size === 0) this.#admission.freshArrival();
    this.#queue.add(requester, urgency);
    this.#plan();
  }

  /** Lets all dial that may. */
  #open(): void {
    const moment = now();
    let hasBegun = false;
    while (this.#queue.size > 0 && moment >= this.#opensAt(this.#queue.urgency)) {
      const { first } = this.#queue;
      const next = this.#firstOutOfTurn() ?? first;
      if (!next || !this.#timer.limit.hasRoom) break;
      this.#queue.delete(next);
      this.#begin(next, next !== first);
      hasBegun = true;
    }
    if (hasBegun) this.#admission.batchBegan(moment);
    this.#plan();
  }

  #begin(requester: DialRequester, isOutOfTurn: boolean): void {
    this.#timer.limit.began();
    this.#admission.dialBegan(isOutOfTurn);
    requester.dial();
  }

  #firstOutOfTurn(): DialRequester | undefined {
    return this.#admission.mayGoOutOfTurn(this.#queue.urgency) ? this.#queue.firstWanted : undefined;
  }

  #opensAt(urgency: Urgency): number {
    return this.#advance().opensAt(urgency);
  }

  /** The admission as of now: time alone may end a trial. */
  #advance(): Admission {
    const admission = this.#admission;
    if (admission.isOnTrial && admission.passTime(now())) this.#backoff.restart();
    return admission;
  }

  /** Sets the timer for the next turn. It keeps the process alive if a requester in the queue does. */
  #plan(): void {
    const { size, urgency, keepsAlive } = this.#queue;
    if (size === 0) this.#timer.stop();
    else this.#timer.set(this.#opensAt(urgency), keepsAlive);
    this.#publisher.schedule();
  }
}
