import { now } from '../primitives/time.js';

/** Something that was sent, and whose answer has not come. There may be many: no field more than needed. */
export class Request<T> {
  readonly answer: Promise<T>;
  resolve!: (answer: T) => void;
  reject!: (error: unknown) => void;
  readonly key: unknown;
  /** Rounded up: a number with a fraction would be an object on the heap. */
  readonly sentAt: number;
  readonly timeout: number;
  /** When its caller stops waiting; after that, when the peer counts as stalled. */
  deadline: number;
  /** How much that may still be put off. */
  spare: number;
  isWaitedFor = true;
  /** Stops listening to the signal of the caller, if there is one. */
  leave: (() => void) | undefined = undefined;
  /** The one behind it, in order. */
  next: Request<T> | undefined = undefined;

  constructor(key: unknown, timeout: number) {
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.key = key;
    this.sentAt = Math.ceil(now());
    this.timeout = timeout;
    this.deadline = this.sentAt + timeout;
    this.spare = timeout;
  }

  /** The caller stops waiting for it: it is about to be told. */
  settled(): void {
    this.isWaitedFor = false;
    if (this.leave) this.leave();
  }
}

/** The requests whose answers have not come. */
export interface Book<T> extends Iterable<Request<T>> {
  readonly isKeyed: boolean;
  readonly size: number;
  /** The one that is answered next; none where any may be. */
  readonly first: Request<T> | undefined;
  has(key: unknown): boolean;
  add(request: Request<T>): void;
  /** Takes out the one that is answered now. */
  take(key: unknown): Request<T> | undefined;
  /** Takes out one that was not sent. */
  remove(request: Request<T>): void;
  /** The caller has stopped waiting. Returns whether the request keeps its place, for its answer. */
  drop(request: Request<T>): boolean;
  clear(): void;
}

/** Requests that are answered in order: a linked list. */
export class InOrder<T> implements Book<T> {
  readonly isKeyed = false;
  size = 0;
  first: Request<T> | undefined = undefined;
  #last: Request<T> | undefined = undefined;

  has(): boolean {
    return false;
  }

  add(request: Request<T>): void {
    if (this.#last) this.#last.next = request;
    else this.first = request;
    this.#last = request;
    this.size += 1;
  }

  take(): Request<T> | undefined {
    const { first } = this;
    if (!first) return undefined;
    this.first = first.next;
    if (!this.first) this.#last = undefined;
    first.next = undefined;
    this.size -= 1;
    return first;
  }

  remove(request: Request<T>): void {
    const others = [...this].filter((each) => each !== request);
    this.clear();
    for (const each of others) {
      each.next = undefined;
      this.add(each);
    }
  }

  drop(): boolean {
    return true;
  }

  clear(): void {
    this.first = undefined;
    this.#last = undefined;
    this.size = 0;
  }

  *[Symbol.iterator](): Generator<Request<T>> {
    for (let each = this.first; each; each = each.next) yield each;
  }
}

/** Requests that are answered in any order, each by its key. */
export class ByKey<T> implements Book<T> {
  readonly isKeyed = true;
  readonly first = undefined;
  readonly #requests: Map<unknown, Request<T>> = new Map();

  get size(): number {
    return this.#requests.size;
  }

  has(key: unknown): boolean {
    return this.#requests.has(key);
  }

  add(request: Request<T>): void {
    this.#requests.set(request.key, request);
  }

  take(key: unknown): Request<T> | undefined {
    const request = this.#requests.get(key);
    if (request) this.#requests.delete(key);
    return request;
  }

  remove(request: Request<T>): void {
    if (this.#requests.get(request.key) === request) this.#requests.delete(request.key);
  }

  drop({ key }: Request<T>): boolean {
    this.#requests.delete(key);
    return false;
  }

  clear(): void {
    this.#requests.clear();
  }

  [Symbol.iterator](): Iterator<Request<T>> {
    return this.#requests.values();
  }
}
