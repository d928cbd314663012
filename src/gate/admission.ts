import {
  nothing,
  stableLife,
  youngLoss,
  type Decision,
  type EndpointHealth,
  type LifeEnd,
  skipsWait,
} from './decision.js';
import type { Urgency } from './dial-queue.js';
import { Due } from './due.js';
import { LifeCount } from './life-count.js';
import { Trial } from './trial.js';
import type { Window } from './window.js';

/**
 * After an early loss, the next life has to last for this long before others follow, in milliseconds: a server that closes what
 * it accepts has closed it by then, and a server that was restarted soon after its start is used again without delay.
 */
const probation = 30;

/**
 * A circuit breaker with a half-open probe and a slow start: says when a dial to one endpoint, or of one owner, may begin.
 *
 * It holds state and decides; it does not wait, dial or ask a backoff. The caller gives it the events, each with its moment in
 * milliseconds on the monotonic clock. `afterDialFailure()` and `afterLife()` say which wait an event calls for and change
 * nothing, so that the backoff can be asked before the event is applied.
 */
export class Admission {
  readonly #window: Window;
  #dialling = 0;
  /** How many dials in flight began before the last failure: if they fail too, they tell nothing new. */
  #stale = 0;
  #health: EndpointHealth = 'good';
  readonly #due: Due = new Due();
  readonly #lives: LifeCount = new LifeCount();
  /** Whether the last life died young. A stable life or a failed dial clears it. */
  #wasLostEarly = false;
  /** When the backoff last took a step. */
  #steppedAt = -Infinity;
  readonly #trial: Trial = new Trial();

  constructor(window: Window) {
    this.#window = window;
  }

  /** How many dials may be in flight. */
  get window(): number {
    return this.#window.size;
  }

  /** How many dials are in flight. */
  get dialling(): number {
    return this.#dialling;
  }

  /** How many lives there are. */
  get lives(): number {
    return this.#lives.count;
  }

  get health(): EndpointHealth {
    return this.#health;
  }

  /** The end of the wait: before it, only urgent dials begin. */
  get due(): number {
    return this.#due.at;
  }

  /** Whether lives were lost early, and a new one has to last before others follow. */
  get isOnTrial(): boolean {
    return this.#trial.isOn;
  }

  /** Whether nothing is going on, and no loss is held against it. */
  get isQuiet(): boolean {
    return this.#health === 'good' && !this.#wasLostEarly && this.#dialling === 0;
  }

  /** The moment from which a dial may begin; Infinity while the window is full. */
  opensAt(urgency: Urgency): number {
    if (this.#dialling >= this.#window.limit) return Infinity;
    // A dial that hangs does not keep the others from finding out for themselves.
    if (this.#dialling >= this.#window.size) return this.#window.freedAt;
    return Math.max(this.#window.nextBatch, skipsWait(urgency, this.#health) ? -Infinity : this.#due.at);
  }

  /** A dial begins. One that skips the wait is not the one that the others wait for, and does not postpone their next. */
  dialBegan(urgency: Urgency): void {
    this.#dialling += 1;
    if (!skipsWait(urgency, this.#health)) this.#due.turnTaken();
  }

  /** No requester waits for a turn. */
  queueEmptied(): void {
    if (this.#health === 'good') this.#due.forget();
  }

  /** All dials that may begin now have begun. */
  batchBegan(now: number): void {
    this.#window.batchBegan(now);
    if (this.isOnTrial && this.#due.isTaken) this.#due.again(this.#trial.nextAfter(now));
  }

  /** A requester waits that would wait for `patience` milliseconds by itself: the trial does not make that longer. */
  limitTrial(now: number, patience: number): void {
    if (!this.isOnTrial) return;
    this.#trial.limit(patience);
    this.#due.at = Math.min(this.#due.at, this.#trial.nextAfter(now));
  }

  /** The queue was empty, and a connection comes. Without a dial in flight, what the window has learnt is out of date. */
  freshArrival(): void {
    if (this.#dialling === 0) this.#window.narrow();
  }

  /** A requester comes whose own wait is shorter. */
  shortenWait(now: number, delay: number): void {
    if (!this.isOnTrial) this.#due.shorten(now + delay);
  }

  /** Lets `least` dials be in flight, or as many as there are stable lives, if that is more. In trouble it stays one. */
  raiseWindow(now: number, stableAfter: number, least: number): void {
    if (this.#health !== 'good') return;
    this.#window.raise(Math.max(least, this.#lives.stable(now, stableAfter)), now);
  }

  /** A dial has succeeded. Its life is stable after `stableAfter` milliseconds. */
  dialSucceeded(now: number, stableAfter: number): void {
    this.#lives.began(now, stableAfter);
    this.#ended(now, stableAfter);
  }

  /** A dial was answered, and no life came of it. */
  dialAnswered(): void {
    if (this.#health === 'flapping' || this.#wasLostEarly) this.dialAbandoned();
    else this.#ended(0, 0);
  }

  #ended(now: number, stableAfter: number): void {
    this.#dialling -= 1;
    this.#stale = 0;
    // One trial at a time: otherwise each new life would postpone the end of the trial.
    if (this.isOnTrial) return;
    const isFlapping = this.#health === 'flapping';
    if (isFlapping || (this.#wasLostEarly && this.#health === 'lost')) {
      this.#due.again(this.#trial.begin(now, isFlapping ? stableAfter : Math.min(probation, stableAfter)));
      return;
    }
    if (this.#health !== 'good') this.#recover();
    this.#window.widen();
  }

  /** What would follow if a dial failed now. Changes nothing. */
  afterDialFailure(now: number, stableAfter: number): Decision {
    if (this.#stale > 0) return nothing;
    const isUp = this.#health === 'good' && this.#lives.count > 0;
    const isStable = isUp && this.#lives.areStable(now, stableAfter);
    // Only a part of what is behind the endpoint fails: dials go on, one at a time.
    return { wait: isUp && this.#window.hasProof ? undefined : 'failure', isStable };
  }

  /** A dial has failed. If a wait follows, it lasts for `delay` milliseconds. */
  dialFailed(now: number, stableAfter: number, delay: number): Decision {
    const decision = this.afterDialFailure(now, stableAfter);
    const wasStale = this.#stale > 0;
    this.dialAbandoned();
    if (wasStale) return decision;
    this.#window.narrow();
    this.#stale = this.#dialling;
    if (!decision.wait) return decision;
    this.#health = 'failing';
    this.#wasLostEarly = false;
    this.#trial.stop();
    this.#steppedAt = now;
    this.#due.wait(now + delay);
    return decision;
  }

  /** A dial was called off, or its failure says nothing here. */
  dialAbandoned(): void {
    this.#dialling -= 1;
    if (this.#stale > 0) this.#stale -= 1;
  }

  /** What would follow if a life ended like this now. Changes nothing. */
  afterLife(now: number, end: LifeEnd): Decision {
    const { uptime, counts, wasOnTrial } = end;
    const isStable = uptime >= end.stableAfter;
    if (wasOnTrial && !isStable) return counts ? youngLoss : nothing;
    // A life from before a failure proves nothing about what came after.
    const proof = isStable && this.#health !== 'failing' ? stableLife : nothing;
    // If there is a trial of another life, that goes on, and the wait ends with it.
    if (!counts || (this.isOnTrial && !wasOnTrial)) return proof;
    // Lives that began before the last step were lost together with the one that caused it.
    if (!isStable && now - uptime > this.#steppedAt) return youngLoss;
    return end.othersWait || this.#due.at > now ? proof : { wait: 'first', isStable: proof.isStable };
  }

  /** A life has ended. If a wait follows, it lasts for `delay` milliseconds. */
  lifeEnded(now: number, end: LifeEnd, delay: number): Decision {
    const { wasOnTrial, counts } = end;
    const decision = this.afterLife(now, end);
    const isStable = end.uptime >= end.stableAfter;
    const isOtherOnTrial = this.isOnTrial && !wasOnTrial;
    this.#lives.ended();
    if (isStable) this.#wasLostEarly = false;
    if (wasOnTrial && !isStable) {
      this.#trial.stop();
      this.#due.at = now;
    }
    const wasLast = this.#lives.count === 0;
    if (wasLast && this.#window.needsLives) this.#window.narrow();
    if (counts && wasLast && !isOtherOnTrial) this.#lostLast(isStable);
    if (decision.wait && decision.wait !== 'first') this.#steppedAt = now;
    if (decision.wait) this.#due.wait(now + delay);
    return decision;
  }

  /** Ends a trial when its life has lasted long enough; returns whether it is stable. */
  passTime(now: number): boolean {
    if (!this.#trial.isOver(now)) return false;
    const isStable = this.#health === 'flapping';
    if (isStable) this.#wasLostEarly = false;
    this.#trial.stop();
    this.#recover();
    this.#window.widen();
    return isStable;
  }

  #lostLast(isStable: boolean): void {
    this.#window.narrow();
    this.#trial.stop();
    // A failing endpoint goes on failing: lives lost with it may be reported after the next dial.
    if (this.#health === 'failing' || this.#health === 'flapping') return;
    this.#health = this.#wasLostEarly && !isStable ? 'flapping' : 'lost';
    this.#wasLostEarly = !isStable;
  }

  #recover(): void {
    this.#health = 'good';
    this.#due.clear();
  }
}
