import { abortReason, addAbortListener, removeAbortListener } from '../../primitives/abort-listeners.js';
import { Expiry, type Expiring } from '../../primitives/expiry.js';
import { now } from '../../primitives/time.js';
import type { PickOptions } from './pick-options.js';

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

class Entry<T> implements Waiter<T>, Expiring {
  readonly enteredAt: number = now();
  readonly timeout: number;
  deadline: number;
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
    this.deadline = Math.ceil(this.enteredAt + timeout);
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

/** Callers that wait, first come, first served: a linked list, as any of them may be aborted. */
export class WaitQueue<T> {
  readonly #owner: WaitQueueOwner<T>;
  #first: Entry<T> | undefined;
  #last: Entry<T> | undefined;
  #size = 0;
  /** It keeps the process alive until the deadline, even if no socket does. */
  readonly #expiry: Expiry<Entry<T>>;

  constructor(owner: WaitQueueOwner<T>) {
    this.#owner = owner;
    const keeper = {
      items: () => this.#entries(),
      overdue: (entries: readonly Entry<T>[]) => this.#expire(entries),
    };
    this.#expiry = new Expiry(keeper, true);
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
    this.#expiry.expect(entry.deadline, entry.enteredAt);
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
    if (this.#size === 0) this.#expiry.stop();
  }

  #reject(entry: Entry<T>, error: unknown): void {
    entry.reject(error);
    this.#owner.abandoned(entry, error);
  }

  #expire(entries: readonly Entry<T>[]): void {
    const waiting = entries.filter(({ isWaiting }) => isWaiting);
    for (const entry of waiting) this.#remove(entry);
    for (const entry of waiting) this.#reject(entry, this.#owner.deadlinePassed(entry));
  }
}
