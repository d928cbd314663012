import { longestDelayOf } from '../backoff/index.js';
import { Admission } from './admission.js';
import { now } from '../primitives/time.js';
import type { DialLimit } from './dial-limit.js';
import { DialQueue, type Urgency } from './dial-queue.js';
import type { DialRequester } from './dial-requester.js';
import { GateTimer } from './gate-timer.js';
import { Line } from './line.js';
import type { Window } from './window.js';
import { Owners } from './owners.js';
import { Rests } from './rests.js';
import { firstOrder, nextTurn, orderAfter, type Order, type Turn } from './turns.js';

/** How many dials may be in flight where the handshake of a pool is known to go well. */
export const provenWindow = 16;

/**
 * How many dials begin in one turn of the event loop; the last of them are answered together in a later one. When 10 000 connections
 * come back, that keeps a turn below 30 ms, and with all 256 of a wide window it was 40 to 100.
 */
const dialsPerTurn = 64;

/**
 * Where requesters wait for their turn to dial. It comes when the line of the endpoint lets a dial through, and no line of the
 * owner keeps it back.
 */
export class Turnstile {
  readonly queue: DialQueue = new DialQueue();
  readonly owners: Owners = new Owners(this);
  /** That of the endpoint. */
  readonly line: Line;
  readonly #window: Window;
  readonly #changed: () => void;
  readonly #rests: Rests = new Rests(this);
  /** Set while the queue is not empty. */
  readonly #timer: GateTimer;
  /** Which class of requesters had its last turn before which. */
  #order: Order = firstOrder;

  /** `changed` is called after each change. */
  constructor(window: Window, limit: DialLimit, changed: () => void) {
    this.#window = window;
    this.line = new Line(new Admission(window));
    this.#timer = new GateTimer(limit, () => this.#open());
    this.#changed = changed;
  }

  get isInTrouble(): boolean {
    return this.line.admission.health !== 'good';
  }

  /** A new requester: dials at once if the endpoint is good and no other dial is under way, and waits otherwise. */
  arrive(requester: DialRequester): void {
    const { health, dialling } = this.line.admission;
    const isFree = dialling === 0 && this.queue.active === 0 && this.#timer.limit.hasRoom;
    if (health !== 'good' || !isFree || this.owners.shutFor(requester, 'new')) {
      this.wait(requester, 'new');
      return;
    }
    this.#arrivesFresh(requester, true);
    this.#begin(requester, 'new');
    this.line.admission.batchBegan(now());
    this.#changed();
  }

  /** Waits for its turn; before `planned` milliseconds have passed, or it may dial, it has none. */
  wait(requester: DialRequester, urgency: Urgency, planned: number = 0): void {
    const rest = Math.max(planned, requester.rest ?? 0);
    const { admission } = this.line;
    if (this.queue.active === 0) this.#arrivesFresh(requester, urgency === 'new');
    // In trouble new ones wait like all others. Those that came before it are older than those that fail in it.
    const isGood = admission.health === 'good';
    this.queue.add(requester, urgency === 'new' && !isGood ? 'normal' : urgency);
    if (rest > 0) this.#rests.begin(requester, rest);
    this.#window.limitDials(requester.options.connectTimeout);
    if (admission.isOnTrial) admission.limitTrial(now(), patienceOf(requester));
    if (this.line.mayShorten(requester.options.firstBackoff))
      process.nextTick(() => this.#shorten(requester));
    this.plan();
  }

  /** Leaves the queue, if it is here. */
  leave(requester: DialRequester): void {
    if (!this.queue.delete(requester)) return;
    this.#rests.end(requester);
    this.owners.left(requester);
    this.plan();
  }

  /** If it is in the queue, it dials as soon as the window has room. */
  makeUrgent(requester: DialRequester): void {
    if (!this.queue.has(requester)) return;
    this.#rests.end(requester);
    this.owners.left(requester);
    this.queue.makeUrgent(requester);
    this.plan();
  }

  /** `requester.isReferenced` may have changed. */
  referenced(requester: DialRequester): void {
    if (!this.queue.has(requester)) return;
    this.queue.referenced(requester);
    this.plan();
  }

  /** The endpoint is on trial with a life of that requester: others wait for no longer than they would themselves. */
  trialBegan(requester: DialRequester): void {
    let patience = Infinity;
    for (const other of this.queue.toArray()) {
      if (other.owner !== requester.owner) patience = Math.min(patience, patienceOf(other));
    }
    this.line.admission.limitTrial(now(), patience);
  }

  /** A dial has succeeded or failed, or was called off. */
  dialEnded(): void {
    this.#timer.limit.ended();
  }

  /** Sets the timer for the next turn. It keeps the process alive if a requester in the queue does. */
  plan(): void {
    const { size, active, urgency, keepsAlive } = this.queue;
    if (size === 0) {
      this.#timer.stop();
      this.line.admission.queueEmptied();
    } else this.#timer.set(active > 0 ? this.line.admission.opensAt(urgency) : Infinity, keepsAlive);
    this.#changed();
  }

  /** The queue was empty. After a loss one dial at a time finds out first, whatever is known from before. */
  #arrivesFresh(requester: DialRequester, isNew: boolean): void {
    const { admission } = this.line;
    admission.freshArrival();
    if (!isNew || admission.dialling > 0) return;
    const least = this.owners.isProven(requester) ? provenWindow : 1;
    admission.raiseWindow(now(), requester.options.stableAfter, least);
  }

  /** Its backoff was not asked when the present wait began: it may want to wait for less. */
  #shorten(requester: DialRequester): void {
    if (!this.queue.has(requester) || !this.line.mayShorten(requester.options.firstBackoff)) return;
    this.line.shortenWait(requester);
    this.plan();
  }

  /** Lets all dial that may. */
  #open(): void {
    const moment = now();
    let begun = 0;
    for (let turn; begun < dialsPerTurn && (turn = this.#next(moment)); begun += 1) {
      const { requester, of, urgency } = turn;
      this.queue.take(requester, urgency);
      this.#order = orderAfter(this.#order, of);
      this.#begin(requester, urgency);
    }
    if (begun > 0) this.line.admission.batchBegan(moment);
    this.plan();
  }

  /** Whose turn it is. Those whose owners are in trouble of their own are parked meanwhile. */
  #next(moment: number): Turn | undefined {
    while (this.#timer.limit.hasRoom) {
      const turn = nextTurn(this.queue, this.line.admission, moment, this.#order);
      const shut = turn && this.owners.shutFor(turn.requester, turn.urgency);
      if (!shut) return turn;
      shut.park(turn.requester);
    }
    return undefined;
  }

  #begin(requester: DialRequester, urgency: Urgency): void {
    this.#timer.limit.began();
    this.line.admission.dialBegan(urgency);
    this.owners.began(requester, urgency);
    requester.dial();
  }
}

/** How long a requester would wait for the end of a trial, in milliseconds. */
function patienceOf({ options }: DialRequester): number {
  return Math.min(options.stableAfter, longestDelayOf(options.firstBackoff));
}
