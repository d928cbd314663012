import { nothing, stableLife, youngLoss, type Decision, type LifeEnd } from './decision.js';
import type { Urgency } from './dial-queue.js';

/**
 * The least time from one batch of dials to the next, in milliseconds: long enough to see that a server closes what it accepts.
 * A wider window follows on more dials that succeeded, so it needs less time.
 */
function batchInterval(window: number): number {
  return window === 1 ? 2 : 12 / window;
}

/**
 * If the endpoint held connections for this long, in milliseconds, one early loss is forgiven: a server may be killed soon
 * after its start, and a server that is being killed may accept one more connection.
 */
const forgivenAfter = 500;

/**
 * What dials and lives say about an endpoint:
 * - `good`: dials are let through. Each that succeeds lets more through at once.
 * - `lost`: the last connection was lost, and no dial has ended since. One dial at a time, after the wait.
 * - `failing`: the last dial failed. One dial at a time, after the wait.
 * - `flapping`: connections die young. One dial at a time, after the wait; a dial that succeeds puts the endpoint on trial,
 *   until the new life is stable.
 */
export type EndpointHealth = 'good' | 'lost' | 'failing' | 'flapping';

/**
 * A circuit breaker with a half-open probe and a slow start: says when a dial to one endpoint may begin.
 *
 * It holds state and decides; it does not wait, dial or ask a backoff. The caller gives it the events, each with its moment in
 * milliseconds on the monotonic clock. `afterDialFailure()` and `afterLife()` say which wait an event calls for and change
 * nothing, so that the backoff can be asked before the event is applied.
 */
export class Admission {
  readonly #widest: number;
  #window = 1;
  /** How many dials have succeeded since the window was last doubled or reset. */
  #credit = 0;
  #dialling = 0;
  /** How many dials in flight began before the last failure: if they fail too, they tell nothing new. */
  #stale = 0;
  #health: EndpointHealth = 'good';
  #due = -Infinity;
  /** When the last batch of dials began. */
  #batchedAt = -Infinity;
  /** Whether the last dial began out of turn. Then the next one does not, so that every connection gets its turn. */
  #wasOutOfTurn = false;
  /** How many lives there are, and since when there has been at least one without a break. */
  #lives = 0;
  #aliveSince = 0;
  /** Whether the last life died young. A stable life or a failed dial clears it. */
  #wasLostEarly = false;
  /** When the backoff last took a step. */
  #steppedAt = -Infinity;
  #isOnTrial = false;

  /** At most `widest` dials are in flight at once. */
  constructor(widest: number) {
    this.#widest = widest;
  }

  /** How many dials may be in flight. */
  get window(): number {
    return this.#window;
  }

  /** How many dials are in flight. */
  get dialling(): number {
    return this.#dialling;
  }

  get health(): EndpointHealth {
    return this.#health;
  }

  /** The end of the wait: before it, only urgent dials begin. */
  get due(): number {
    return this.#due;
  }

  /** Whether the endpoint was flapping, and has a new life that is not stable yet. */
  get isOnTrial(): boolean {
    return this.#isOnTrial;
  }

  /** The moment from which a dial may begin; Infinity while the window is full. */
  opensAt(urgency: Urgency): number {
    if (this.#dialling >= this.#window) return Infinity;
    const nextBatch = this.#batchedAt + batchInterval(this.#window);
    const skipsWait = urgency === 'urgent' || (urgency === 'new' && this.#health === 'good');
    return skipsWait ? nextBatch : Math.max(this.#due, nextBatch);
  }

  /** Whether a connection that is waited for may dial out of turn. A good endpoint needs no such thing: turns come soon. */
  mayGoOutOfTurn(urgency: Urgency): boolean {
    return this.#health !== 'good' && urgency !== 'urgent' && !this.#wasOutOfTurn;
  }

  dialBegan(isOutOfTurn: boolean): void {
    this.#dialling += 1;
    this.#wasOutOfTurn = isOutOfTurn;
  }

  /** All dials that may begin now have begun. */
  batchBegan(now: number): void {
    this.#batchedAt = now;
  }

  /** The queue was empty, and a connection comes. Without a dial in flight, what the window has learnt is out of date. */
  freshArrival(): void {
    if (this.#dialling === 0) this.#narrow();
  }

  /** A dial has succeeded. Its life is stable after `stableAfter` milliseconds. */
  dialSucceeded(now: number, stableAfter: number): void {
    this.#dialling -= 1;
    this.#stale = 0;
    this.#lives += 1;
    if (this.#lives === 1) this.#aliveSince = now;
    // One trial at a time: otherwise each new life would postpone the end of the trial.
    if (this.#isOnTrial) return;
    if (this.#health === 'flapping') {
      this.#due = now + stableAfter;
      this.#isOnTrial = true;
      return;
    }
    if (this.#health !== 'good') this.#recover();
    this.#widen();
  }

  /** What would follow if a dial failed now. Changes nothing. */
  afterDialFailure(now: number, stableAfter: number): Decision {
    if (this.#stale > 0) return nothing;
    const isUp = this.#health === 'good' && this.#lives > 0;
    const isStable = isUp && now - this.#aliveSince >= stableAfter;
    const hasSucceeded = this.#window > 1 || this.#credit > 0;
    // Only a part of what is behind the endpoint fails: dials go on, one at a time.
    return { wait: isUp && hasSucceeded ? undefined : 'failure', isStable };
  }

  /** A dial has failed. If a wait follows, it lasts for `delay` milliseconds. */
  dialFailed(now: number, stableAfter: number, delay: number): Decision {
    const decision = this.afterDialFailure(now, stableAfter);
    const wasStale = this.#stale > 0;
    this.dialAbandoned();
    if (wasStale) return decision;
    this.#narrow();
    this.#stale = this.#dialling;
    if (!decision.wait) return decision;
    this.#health = 'failing';
    this.#wasLostEarly = false;
    this.#isOnTrial = false;
    this.#step(now, delay);
    return decision;
  }

  /** A dial was called off. */
  dialAbandoned(): void {
    this.#dialling -= 1;
    if (this.#stale > 0) this.#stale -= 1;
  }

  /** What would follow if a life ended like this now. Changes nothing. */
  afterLife(now: number, end: LifeEnd): Decision {
    const { uptime, endedBy, wasOnTrial } = end;
    const isStable = uptime >= end.stableAfter;
    if (wasOnTrial && !isStable) return endedBy === 'disconnect' ? nothing : youngLoss;
    // A life from before a failure proves nothing about what came after.
    const proof = isStable && this.#health !== 'failing' ? stableLife : nothing;
    if (endedBy === 'disconnect') return proof;
    // The endpoint is on trial with another life. That goes on, and the wait ends with it.
    if (this.#isOnTrial && !wasOnTrial) return proof;
    // Lives that began before the last step were lost together with the one that caused it.
    const isNewLoss = !isStable && now - uptime > this.#steppedAt;
    if (isNewLoss) return youngLoss;
    return end.othersWait || this.#due > now ? proof : { wait: 'first', isStable: proof.isStable };
  }

  /** A life has ended. If a wait follows, it lasts for `delay` milliseconds. */
  lifeEnded(now: number, end: LifeEnd, delay: number): Decision {
    const { wasOnTrial, endedBy } = end;
    const decision = this.afterLife(now, end);
    const isStable = end.uptime >= end.stableAfter;
    const isOtherOnTrial = this.#isOnTrial && !wasOnTrial;
    this.#lives -= 1;
    if (isStable) this.#wasLostEarly = false;
    if (wasOnTrial && !isStable) {
      this.#isOnTrial = false;
      this.#due = now;
    } else if (endedBy === 'endpoint' && this.#lives === 0 && !isOtherOnTrial) {
      this.#lostLast(now, isStable, wasOnTrial);
    }
    if (decision.wait === 'first') this.#due = now + delay;
    else if (decision.wait) this.#step(now, delay);
    return decision;
  }

  /** Ends a trial when its life has lasted long enough; returns whether it did. */
  passTime(now: number): boolean {
    if (!this.#isOnTrial || now < this.#due) return false;
    this.#wasLostEarly = false;
    this.#isOnTrial = false;
    this.#recover();
    this.#widen();
    return true;
  }

  #lostLast(now: number, isStable: boolean, wasOnTrial: boolean): void {
    this.#narrow();
    // A failing endpoint goes on failing: lives lost with it may be reported after the next dial.
    if (this.#health !== 'good' && !wasOnTrial) return;
    const wasShort = now - this.#aliveSince < forgivenAfter;
    const isFlapping = !isStable && (wasShort || this.#wasLostEarly);
    this.#health = isFlapping ? 'flapping' : 'lost';
    this.#wasLostEarly = !isStable;
    this.#isOnTrial = false;
  }

  #recover(): void {
    this.#health = 'good';
    this.#due = -Infinity;
  }

  #step(now: number, delay: number): void {
    this.#due = now + delay;
    this.#steppedAt = now;
  }

  #narrow(): void {
    this.#window = 1;
    this.#credit = 0;
  }

  #widen(): void {
    this.#credit += 1;
    if (this.#credit < this.#window || this.#window === this.#widest) return;
    this.#credit = 0;
    this.#window = Math.min(2 * this.#window, this.#widest);
  }
}
