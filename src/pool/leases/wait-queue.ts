import { abortReason, addAbortListener, removeAbortListener } from '../../primitives/abort-listeners.js';
import { afterPoll, extensionOf } from '../../primitives/deadline.js';
import { now, startTimer, stopTimer, type Timer } from '../../primitives/time.js';
import type { PickOptions } from './pick-options.js';

/** After an expiry the next is looked for no sooner, in milliseconds: each look visits the whole queue. */
const shortestPause = 5;

/** A caller that waits. */
export interface Waiter<T> {
  /** On the monotonic clock. */
  readonly enteredAt: number;
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /** The place of the call, for leak warnings. */
  readonly origin: Error | undefined;
  /** Whether the lease is to outlive the life. */
  readonly lasting: boolean | undefined;
  /** For a caller that picks, instead of a lease. */
  readonly pick: PickOptions | undefined;
  resolve(value: T): void;
}

/** What a caller asks for. */
export interface AcquireRequest {
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly origin: Error | undefined;
  readonly lasting?: boolean | undefined;
  readonly pick?: PickOptions | undefined;
}

export interface WaitQueueOwner<T> {
  /** Makes the error of a waiter whose deadline has passed. */
  deadlinePassed(waiter: Waiter<T>): Error;
  /** A waiter was rejected. */
  abandoned(waiter: Waiter<T>, error: unknown): void;
}

interface Settle<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

class Entry<T> implements Waiter<T> {
  readonly enteredAt: number = now();
  readonly timeout: number;
  deadline: number;
  /** How much its deadline may still be put off. */
  spare: number;
  isWaiting = true;
  readonly signal: AbortSignal | undefined;
  readonly origin: Error | undefined;
  readonly lasting: boolean | undefined;
  readonly pick: PickOptions | undefined;
  readonly promise: Promise<T>;
  #settle!: Settle<T>;
  abort: (() => void) | undefined = undefined;
  previous: Entry<T> | undefined = undefined;
  next: Entry<T> | undefined = undefined;

  constructor({ timeout, signal, origin, lasting, pick }: AcquireRequest) {
    this.timeout = timeout;
    this.deadline = this.enteredAt + timeout;
    this.spare = timeout;
    this.signal = signal;
    this.origin = origin;
    this.lasting = lasting;
    this.pick = pick;
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

/**
 * Callers that wait, first come, first served: a linked list, as any of them may be aborted. One timer serves all deadlines:
 * with one for each, a lease that is waited for takes 1.6 times as much CPU.
 */
export class WaitQueue<T> {
  readonly #owner: WaitQueueOwner<T>;
  #first: Entry<T> | undefined;
  #last: Entry<T> | undefined;
  #size = 0;
  #timer: Timer | undefined;
  #wakesAt = Infinity;
  /** While those whose deadline has passed wait for a poll, which may bring them a lease. */
  #poll: NodeJS.Immediate | undefined;

  constructor(owner: WaitQueueOwner<T>) {
    this.#owner = owner;
  }

  get size(): number {
    return this.#size;
  }

  /** Who is next. */
  get first(): Waiter<T> | undefined {
    return this.#first;
  }

  /** Waits at the end of the queue. The signal must not be aborted yet. */
  enter(request: AcquireRequest): Promise<T> {
    const entry = new Entry<T>(request);
    entry.previous = this.#last;
    if (this.#last) this.#last.next = entry;
    else this.#first = entry;
    this.#last = entry;
    this.#size += 1;
    if (request.signal) this.#obey(entry, request.signal);
    if (entry.deadline < this.#wakesAt) this.#wakeAt(entry.deadline, entry.enteredAt);
    return entry.promise;
  }

  /** Takes out the first waiter, for the caller to resolve. */
  shift(): Waiter<T> | undefined {
    const first = this.#first;
    if (first) this.#remove(first);
    return first;
  }

  /** Rejects all waiters with one error. */
  failAll(makeError: () => Error): void {
    if (!this.#first) return;
    const error = makeError();
    // Rejecting publishes an event, whose subscribers may call `acquire()`: those callers are not among them.
    const entries = [...this.#entries()];
    for (const entry of entries) this.#remove(entry);
    for (const entry of entries) this.#reject(entry, error);
  }

  /** Rejects the first waiter. */
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
      this.#reject(entry, abortReason(signal));
    };
    addAbortListener(signal, entry.abort);
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
    entry.isWaiting = false;
    if (entry.abort && entry.signal) removeAbortListener(entry.signal, entry.abort);
    if (this.#size === 0) this.#sleep();
  }

  #reject(entry: Entry<T>, error: unknown): void {
    entry.reject(error);
    this.#owner.abandoned(entry, error);
  }

  #wakeAt(moment: number, time: number): void {
    stopTimer(this.#timer);
    this.#wakesAt = moment;
    // The process has to live until the deadline, even if no socket keeps it alive.
    this.#timer = startTimer(Math.max(1, Math.ceil(moment - time)), true, () => this.#wake());
  }

  #sleep(): void {
    stopTimer(this.#timer);
    clearImmediate(this.#poll);
    this.#timer = undefined;
    this.#poll = undefined;
    this.#wakesAt = Infinity;
  }

  /** Finds those whose deadline has passed. Where the event loop was blocked, it is put off first: see {@link extensionOf}. */
  #wake(): void {
    const time = now();
    const late = time - this.#wakesAt;
    const due: Entry<T>[] = [];
    let next = Infinity;
    for (const entry of this.#entries()) {
      if (entry.deadline <= time) this.#putOff(entry, Math.min(late, time - entry.deadline), time);
      if (entry.deadline <= time) due.push(entry);
      else next = Math.min(next, entry.deadline);
    }
    this.#wakesAt = Infinity;
    if (next < Infinity) this.#wakeAt(Math.max(next, time + shortestPause), time);
    if (due.length > 0) this.#poll = afterPoll((entries) => this.#expire(entries), due);
  }

  #putOff(entry: Entry<T>, late: number, time: number): void {
    const extension = extensionOf(late, entry.spare);
    entry.spare -= extension;
    if (extension > 0) entry.deadline = time + extension;
  }

  #expire(entries: readonly Entry<T>[]): void {
    this.#poll = undefined;
    const waiting = entries.filter(({ isWaiting }) => isWaiting);
    for (const entry of waiting) this.#remove(entry);
    for (const entry of waiting) this.#reject(entry, this.#owner.deadlinePassed(entry));
  }
}
