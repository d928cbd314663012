import { now, startTimer, stopTimer, type Timer } from '../../primitives/time.js';

/** Longer than this, in milliseconds, no deadline is overlooked, however many wait. */
const mostLate = 10;

/** Someone who waits. */
export interface Waiter<T> {
  readonly enteredAt: number;
  /** On the monotonic clock. */
  readonly deadline: number;
  readonly timeout: number;
  /** Where it was asked for, if that is to be remembered. */
  readonly origin: Error | undefined;
  resolve(value: T): void;
}

/** What a waiter asks for. */
export interface AcquireRequest {
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly origin: Error | undefined;
}

/** What becomes of those who wait in vain. */
export interface WaitQueueOwner<T> {
  /** Gives the error of a waiter whose deadline has passed. */
  deadlinePassed(waiter: Waiter<T>): Error;
  /** A waiter has been told that it gets nothing. */
  abandoned(waiter: Waiter<T>, error: unknown): void;
}

interface Settle<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

class Entry<T> implements Waiter<T> {
  readonly enteredAt: number = now();
  readonly timeout: number;
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  readonly origin: Error | undefined;
  readonly promise: Promise<T>;
  #settle!: Settle<T>;
  abort: (() => void) | undefined = undefined;
  previous: Entry<T> | undefined = undefined;
  next: Entry<T> | undefined = undefined;

  constructor({ timeout, signal, origin }: AcquireRequest) {
    this.timeout = timeout;
    this.deadline = this.enteredAt + timeout;
    this.signal = signal;
    this.origin = origin;
    this.promise = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  resolve(value: T): void {
    this.#settle.resolve(value);
  }

  reject(error: unknown): void {
    this.#settle.reject(error);
  }
}

/** Those who wait for something, first come, first served; one timer for all their deadlines. */
export class WaitQueue<T> {
  readonly #owner: WaitQueueOwner<T>;
  #first: Entry<T> | undefined;
  #last: Entry<T> | undefined;
  #size = 0;
  #timer: Timer | undefined;
  #wakesAt = Infinity;

  constructor(owner: WaitQueueOwner<T>) {
    this.#owner = owner;
  }

  get size(): number {
    return this.#size;
  }

  /** Waits at the end of the queue; the signal is not aborted yet. */
  enter(request: AcquireRequest): Promise<T> {
    const entry = new Entry<T>(request);
    entry.previous = this.#last;
    if (this.#last) this.#last.next = entry;
    else this.#first = entry;
    this.#last = entry;
    this.#size += 1;
    if (request.signal) this.#obey(entry, request.signal);
    if (entry.deadline < this.#wakesAt) this.#wakeAt(entry.deadline, entry.timeout);
    return entry.promise;
  }

  /** Takes the first out, for the caller to resolve. */
  shift(): Waiter<T> | undefined {
    const first = this.#first;
    if (first) this.#remove(first);
    return first;
  }

  /** Rejects all with the same error. */
  failAll(makeError: () => Error): void {
    if (!this.#first) return;
    const error = makeError();
    // Who comes in meanwhile, from a program's code that hears of the others, is not of them.
    const entries = [...this.#entries()];
    for (const entry of entries) this.#remove(entry);
    for (const entry of entries) this.#reject(entry, error);
  }

  /** Rejects the first. */
  failFirst(error: unknown): void {
    const first = this.#first;
    if (!first) return;
    this.#remove(first);
    this.#reject(first, error);
  }

  *#entries(): Generator<Entry<T>> {
    for (let entry = this.#first; entry; entry = entry.next) yield entry;
  }

  #obey(entry: Entry<T>, signal: AbortSignal): void {
    entry.abort = () => {
      this.#remove(entry);
      this.#reject(entry, signal.reason);
    };
    signal.addEventListener('abort', entry.abort);
  }

  #remove(entry: Entry<T>): void {
    const { previous, next } = entry;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    entry.previous = undefined;
    entry.next = undefined;
    this.#size -= 1;
    if (entry.abort) entry.signal?.removeEventListener('abort', entry.abort);
    if (this.#size === 0) this.#sleep();
  }

  #reject(entry: Entry<T>, error: unknown): void {
    entry.reject(error);
    this.#owner.abandoned(entry, error);
  }

  #wakeAt(moment: number, delay: number): void {
    stopTimer(this.#timer);
    this.#wakesAt = moment;
    // A program that waits must hear of it, even if its sockets do not keep it alive.
    this.#timer = startTimer(Math.max(1, Math.ceil(delay)), true, () => this.#wake());
  }

  #sleep(): void {
    stopTimer(this.#timer);
    this.#timer = undefined;
    this.#wakesAt = Infinity;
  }

  #wake(): void {
    const time = now();
    const late = [...this.#entries()].filter(({ deadline }) => deadline <= time);
    for (const entry of late) this.#remove(entry);
    let next = Infinity;
    for (const { deadline } of this.#entries()) if (deadline < next) next = deadline;
    if (next === Infinity) this.#sleep();
    else {
      // All of them are looked through each time: not too often when they are many.
      const pause = Math.min(mostLate, this.#size / 1_000);
      this.#wakeAt(next, Math.max(next - time, pause));
    }
    for (const entry of late) this.#reject(entry, this.#owner.deadlinePassed(entry));
  }
}
