import { afterPoll, extensionOf } from './deadline.js';
import { now, startTimer, stopTimer, type Timer } from './time.js';

/** After a ring the next comes no sooner, in milliseconds: each looks at all items. */
const shortestPause = 5;
/** With more items than this for a millisecond, the next ring comes later still: a look at so many takes a part of that time. */
const itemsPerMillisecond = 2_000;

/** Something that is waited for until a deadline, on the monotonic clock. */
export interface Expiring {
  /** A whole number: with a fraction, it would be an object on the heap. */
  deadline: number;
  /** How much the deadline may still be put off, in milliseconds. */
  spare: number;
}

/** What keeps the items. */
interface Keeper<T> {
  items(): Iterable<T>;
  /** The deadlines of these have passed. Since then, some may be gone. */
  overdue(items: readonly T[]): void;
}

/**
 * One timer for the deadlines of many items: a timer for each would make a lease that is waited for take 1.6 times as much CPU. It
 * does not stop when an item is gone, so that later ones need no timer until the next ring.
 */
export class Expiry<T extends Expiring> {
  readonly #keeper: Keeper<T>;
  readonly #keepsAlive: boolean;
  #timer: Timer | undefined;
  #wakesAt = Infinity;
  /** While those whose deadline has passed wait for a poll, which may bring what they wait for. */
  #poll: NodeJS.Immediate | undefined;

  constructor(keeper: Keeper<T>, keepsAlive: boolean = false) {
    this.#keeper = keeper;
    this.#keepsAlive = keepsAlive;
  }

  /** Rings at this moment, if not before. */
  expect(deadline: number, time: number): void {
    if (deadline < this.#wakesAt) this.#wakeAt(deadline, time);
  }

  stop(): void {
    stopTimer(this.#timer);
    clearImmediate(this.#poll);
    this.#timer = undefined;
    this.#poll = undefined;
    this.#wakesAt = Infinity;
  }

  #wakeAt(moment: number, time: number): void {
    stopTimer(this.#timer);
    this.#wakesAt = Math.max(moment, time);
    const delay = Math.max(1, Math.ceil(moment - time));
    this.#timer = startTimer(delay, this.#keepsAlive, () => this.#wake());
  }

  /** Finds those whose deadline has passed. Where the event loop was blocked, it is put off first: see {@link extensionOf}. */
  #wake(): void {
    const time = Math.floor(now());
    const late = time - this.#wakesAt;
    const overdue: T[] = [];
    let count = 0;
    let next = Infinity;
    for (const item of this.#keeper.items()) {
      count += 1;
      if (item.deadline <= time) putOff(item, Math.min(late, time - item.deadline), time);
      if (item.deadline <= time) overdue.push(item);
      else next = Math.min(next, item.deadline);
    }
    this.#timer = undefined;
    this.#wakesAt = Infinity;
    const pause = Math.max(shortestPause, Math.ceil(count / itemsPerMillisecond));
    if (next < Infinity) this.#wakeAt(Math.max(next, time + pause), time);
    if (overdue.length > 0) this.#poll = afterPoll(() => this.#judge(overdue));
  }

  #judge(items: readonly T[]): void {
    this.#poll = undefined;
    this.#keeper.overdue(items);
  }
}

function putOff(item: Expiring, late: number, time: number): void {
  const extension = extensionOf(late, item.spare);
  item.spare -= extension;
  if (extension > 0) item.deadline = time + extension;
}
