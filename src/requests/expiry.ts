import { afterPoll, extensionOf } from '../primitives/deadline.js';
import { now, startTimer, stopTimer, type Timer } from '../primitives/time.js';
import type { Request } from './request.js';

/** After a ring the next comes no sooner, in milliseconds: each looks at all requests. */
const shortestPause = 5;
/** With more requests than this for a millisecond, the next comes later still: a look at so many takes a part of that time. */
const requestsPerMillisecond = 2_000;

/**
 * One timer for the deadlines of many requests. It does not stop when a request is answered: until the next ring, later ones
 * cost no timer. It keeps no process alive, since the socket does that.
 */
export class Expiry<T> {
  readonly #requests: () => Iterable<Request<T>>;
  readonly #overdue: (requests: readonly Request<T>[]) => void;
  #timer: Timer | undefined;
  #wakesAt = Infinity;
  #poll: NodeJS.Immediate | undefined;

  /** `overdue` gets those whose deadlines have passed. Since then, some may have been answered. */
  constructor(requests: () => Iterable<Request<T>>, overdue: (requests: readonly Request<T>[]) => void) {
    this.#requests = requests;
    this.#overdue = overdue;
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
    this.#timer = startTimer(
      Math.max(1, Math.ceil(moment - time)),
      false,
      Expiry.#ring,
      this as Expiry<unknown>,
    );
  }

  static #ring(this: void, expiry: Expiry<unknown>): void {
    expiry.#wake();
  }

  /** Finds those whose deadline has passed. Where the event loop was blocked, it is put off first: see {@link extensionOf}. */
  #wake(): void {
    const time = Math.floor(now());
    const late = time - this.#wakesAt;
    const overdue: Request<T>[] = [];
    let count = 0;
    let next = Infinity;
    for (const request of this.#requests()) {
      count += 1;
      if (request.deadline <= time) putOff(request, Math.min(late, time - request.deadline), time);
      if (request.deadline <= time) overdue.push(request);
      else next = Math.min(next, request.deadline);
    }
    this.#timer = undefined;
    this.#wakesAt = Infinity;
    const pause = Math.max(shortestPause, Math.ceil(count / requestsPerMillisecond));
    if (next < Infinity) this.#wakeAt(Math.max(next, time + pause), time);
    if (overdue.length > 0) this.#poll = afterPoll((requests) => this.#judge(requests), overdue);
  }

  #judge(requests: readonly Request<T>[]): void {
    this.#poll = undefined;
    this.#overdue(requests);
  }
}

function putOff<T>(request: Request<T>, late: number, time: number): void {
  const extension = extensionOf(late, request.spare);
  request.spare -= extension;
  if (extension > 0) request.deadline = time + extension;
}
