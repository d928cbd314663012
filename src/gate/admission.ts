import type { Urgency } from './dial-queue.js';

/**
 * How long after a batch of dials the next one may follow, in milliseconds: as long as it takes to see that a server closes what
 * it accepts. The wider the window, the more dials and the more time have shown that it does not.
 */
function batchInterval(window: number): number {
  return window === 1 ? 2 : 12 / window;
}

/**
 * Where the endpoint had connections for so many milliseconds, it may be an accident that the last was lost before it was
 * stable: a server may be killed soon after its start, and one that is killed may take one more connection. Once.
 */
const accident = 500;

/**
 * What a gate makes of its endpoint:
 * - `good`: dials are let through, more at once with each that succeeds.
 * - `lost`: the last connection was lost, and nobody knows more yet; one dial at a time, when the wait is over.
 * - `failing`: as `lost`, and the last dial failed.
 * - `flapping`: connections are lost soon after they are made; as `lost`, and a dial that succeeds is not
 *   believed before its life has been stable.
 */
export type EndpointHealth = 'good' | 'lost' | 'failing' | 'flapping';

/**
 * The wait that an event calls for, if one: the next step of the backoff, after a dial that failed or after a life that was
 * lost before it was stable; or such a wait as the first.
 */
export type Wait = 'failure' | 'loss' | 'first' | undefined;

/** What follows from an event. */
export interface Decision {
  readonly wait: Wait;
  /** Whether the backoff begins anew. */
  readonly isStable: boolean;
}

/** How a life has ended. */
export interface LifeEnd {
  readonly uptime: number;
  readonly stableAfter: number;
  /** Who ended it: the `endpoint`, or what lies between; the `program`; or the program, for good. */
  readonly endedBy: 'endpoint' | 'program' | 'disconnect';
  /** Whether it is the life that had to be stable. */
  readonly wasOnTrial: boolean;
  /** Whether others wait for a dial already. */
  readonly othersWait: boolean;
}

/**
 * How a gate stands, and what it makes of what happens. Moments are in milliseconds on the monotonic clock, and given: nothing
 * here waits, draws or dials. Each method takes in one event, and says which wait it calls for.
 */
export class Admission {
  readonly #widest: number;
  #window = 1;
  /** How many dials have succeeded since the window was last doubled, or closed. */
  #credit = 0;
  #dialling = 0;
  /** How many of those in flight began before the last failure, which they say nothing new about. */
  #stale = 0;
  #health: EndpointHealth = 'good';
  #due = -Infinity;
  /** When the last batch of dials began. */
  #batchedAt = -Infinity;
  /** Whether the last dial began out of turn: then the next does not, so that everybody has a turn. */
  #wasOutOfTurn = false;
  /** How many lives there are, and since when there has been one without a break. */
  #lives = 0;
  #aliveSince = 0;
  /** Whether the last life was lost before it was stable, and no life was stable, and no dial has failed, since. */
  #wasLostEarly = false;
  /** When the backoff last took a step. */
  #steppedAt = -Infinity;
  #isOnTrial = false;

  /** Nobody has come yet; never more than `widest` dials are to be in flight. */
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

  /** No dial begins before this moment, but those that are in a hurry; Infinity while the wait is being drawn. */
  get due(): number {
    return this.#due;
  }

  /** Whether the life that has to be stable, before the endpoint is believed again, is going on. */
  get isOnTrial(): boolean {
    return this.#isOnTrial;
  }

  /** The moment from which a dial may begin; Infinity while too many are in flight. */
  opensAt(urgency: Urgency): number {
    if (this.#dialling >= this.#window) return Infinity;
    const nextBatch = this.#batchedAt + batchInterval(this.#window);
    const mayBeEarly = urgency === 'urgent' || (urgency === 'new' && this.#health === 'good');
    return mayBeEarly ? nextBatch : Math.max(this.#due, nextBatch);
  }

  /** Whether the next dial may be that of one for whom somebody waits, out of turn. Where all is well, everybody's turn comes soon. */
  mayGoOutOfTurn(urgency: Urgency): boolean {
    return this.#health !== 'good' && urgency !== 'urgent' && !this.#wasOutOfTurn;
  }

  dialBegan(isOutOfTurn: boolean): void {
    this.#dialling += 1;
    this.#wasOutOfTurn = isOutOfTurn;
  }

  /** Those who could begin now have begun. */
  batchBegan(now: number): void {
    this.#batchedAt = now;
  }

  /** Somebody comes to where nobody is: the window is as narrow as at first, since what it was is old news. */
  freshArrival(): void {
    if (this.#dialling === 0) this.#narrow();
  }

  /** A dial has succeeded, by one whose lives are stable after `stableAfter`. */
  dialSucceeded(now: number, stableAfter: number): void {
    this.#dialling -= 1;
    this.#stale = 0;
    this.#lives += 1;
    if (this.#lives === 1) this.#aliveSince = now;
    // One trial at a time: else each that begins would put off the end of the one before.
    if (this.#isOnTrial) return;
    if (this.#health === 'flapping') {
      this.#due = now + stableAfter;
      this.#isOnTrial = true;
      return;
    }
    if (this.#health !== 'good') this.#believe();
    this.#widen();
  }

  /** A dial has failed. */
  dialFailed(now: number, stableAfter: number): Decision {
    const wasStale = this.#stale > 0;
    this.dialAbandoned();
    if (wasStale) return nothing;
    const isGood = this.#health === 'good' && this.#lives > 0;
    const isStable = isGood && now - this.#aliveSince >= stableAfter;
    const hasSucceeded = this.#window > 1 || this.#credit > 0;
    this.#narrow();
    this.#stale = this.#dialling;
    // Only a part of what is behind the endpoint fails: dials go on, one at a time.
    if (isGood && hasSucceeded) return { wait: undefined, isStable };
    this.#health = 'failing';
    this.#wasLostEarly = false;
    this.#isOnTrial = false;
    this.#step(now);
    return { wait: 'failure', isStable };
  }

  /** A dial was given up by whoever began it. */
  dialAbandoned(): void {
    this.#dialling -= 1;
    if (this.#stale > 0) this.#stale -= 1;
  }

  /** A life has ended. */
  lifeEnded(now: number, end: LifeEnd): Decision {
    const { uptime, endedBy, wasOnTrial } = end;
    const isStable = uptime >= end.stableAfter;
    this.#lives -= 1;
    if (isStable) this.#wasLostEarly = false;
    if (wasOnTrial && !isStable) return this.#trialEnded(now, endedBy);
    // A life from before a failure proves nothing about what came after.
    const decision = isStable && this.#health !== 'failing' ? proof : nothing;
    if (endedBy === 'disconnect') return decision;
    // The trial of another goes on, and the wait ends with it.
    if (this.#isOnTrial && !wasOnTrial) return decision;
    // Lives that began before the last step were lost together with the one that was cause of it.
    const wait = !isStable && now - uptime > this.#steppedAt ? 'loss' : 'first';
    if (endedBy === 'endpoint' && this.#lives === 0) this.#shut(now, isStable, wasOnTrial);
    if (wait === 'first' && (end.othersWait || this.#due > now)) return decision;
    if (wait === 'loss') this.#step(now);
    else this.#due = Infinity;
    return { wait, isStable: decision.isStable };
  }

  /** The wait that was called for has been drawn. */
  waitDrawn(due: number): void {
    this.#due = due;
  }

  /** Time alone proves that a life on trial is stable; says whether it has. */
  passTime(now: number): boolean {
    if (!this.#isOnTrial || now < this.#due) return false;
    this.#wasLostEarly = false;
    this.#isOnTrial = false;
    this.#believe();
    this.#widen();
    return true;
  }

  #trialEnded(now: number, endedBy: LifeEnd['endedBy']): Decision {
    this.#isOnTrial = false;
    if (endedBy === 'disconnect') {
      this.#due = now;
      return nothing;
    }
    this.#step(now);
    return { wait: 'loss', isStable: false };
  }

  /** The last life was lost. */
  #shut(now: number, isStable: boolean, wasOnTrial: boolean): void {
    this.#narrow();
    // What is failing goes on failing: lives that were lost with the endpoint may be told of after the next dial.
    if (this.#health !== 'good' && !wasOnTrial) return;
    const wasShort = now - this.#aliveSince < accident;
    const isFlapping = !isStable && (wasShort || this.#wasLostEarly);
    this.#health = isFlapping ? 'flapping' : 'lost';
    this.#wasLostEarly = !isStable;
    this.#isOnTrial = false;
  }

  #believe(): void {
    this.#health = 'good';
    this.#due = -Infinity;
  }

  /** The backoff takes a step: no dial, until the wait is drawn. */
  #step(now: number): void {
    this.#due = Infinity;
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

const nothing: Decision = Object.freeze({ wait: undefined, isStable: false });
const proof: Decision = Object.freeze({ wait: undefined, isStable: true });
