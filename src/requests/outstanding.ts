import { abortReason, onAbort } from '../primitives/abort-listeners.js';
import { Deferred } from '../primitives/deferred.js';
import { OptionError } from '../primitives/errors.js';
import { Expiry } from '../primitives/expiry.js';
import { now } from '../primitives/time.js';
import { ByKey, InOrder, type Request, type Book } from './request.js';

/** What the owner of the requests is told. */
export interface OutstandingHost {
  /** No answer has come for `waited` milliseconds. */
  stalled(waited: number): void;
  /** The error of a request that has waited for `timeout` milliseconds. */
  tooLate(timeout: number): Error;
}

/** Who keeps books of how many are pending. */
interface Watcher {
  /** So many more are pending, or fewer. */
  requestsChanged?(change: number): void;
}

/** The requests whose answers have not come, and what has become of the others. It knows no connection. */
export class Outstanding<T> {
  readonly counters = { lost: 0, timedOut: 0, late: 0 };
  watcher: Watcher | undefined;
  readonly #stall: number;
  readonly #host: OutstandingHost;
  readonly #expiry: Expiry<Request<T>>;
  /** Made by the first request, which says how answers are matched. */
  #book: Book<T> | undefined;
  #idle: Deferred | undefined;

  constructor(stall: number, host: OutstandingHost) {
    this.#stall = stall;
    this.#host = host;
    // The socket keeps the process alive.
    this.#expiry = new Expiry({
      items: () => this.#book ?? [],
      overdue: (requests) => this.#overdue(requests),
    });
  }

  get size(): number {
    return this.#book?.size ?? 0;
  }

  get idle(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    this.#idle ??= new Deferred();
    return this.#idle.promise;
  }

  /** Throws for a key where requests have none, and the other way round. */
  checkKey(key: unknown): void {
    const book = this.#book;
    if (book && book.isKeyed !== (key !== undefined)) throw wrongKey(book, key);
  }

  /** As {@link Outstanding.checkKey}; throws as well for a key that is pending. */
  checkNew(key: unknown): void {
    this.checkKey(key);
    if (key !== undefined && this.#book?.has(key)) throw pendingKey(key);
  }

  add(request: Request<T>): void {
    this.#book ??= request.key === undefined ? new InOrder<T>() : new ByKey<T>();
    this.#book.add(request);
    this.#expiry.expect(request.deadline, request.sentAt);
    this.watcher?.requestsChanged?.(1);
  }

  /** Drops the request when the signal aborts. */
  obey(request: Request<T>, signal: AbortSignal): void {
    request.leave = onAbort(signal, () => this.#drop(request, abortReason(signal)));
  }

  /** Takes out one that could not be sent. */
  remove(request: Request<T>): void {
    const before = this.size;
    this.#book?.remove(request);
    request.settled();
    this.#changed(this.size - before);
  }

  /** An answer has come. Takes out its request, and returns it if a caller still waits. */
  answered(key: unknown): Request<T> | undefined {
    this.checkKey(key);
    const book = this.#book;
    const request = book?.take(key);
    if (request) this.#changed(-1);
    const next = book?.first;
    if (next && !next.isWaitedFor) this.#becameOldest(next);
    if (request?.isWaitedFor) return request;
    this.counters.late += 1;
    return undefined;
  }

  /** Rejects all that wait. Returns how many those were. */
  lifeEnded(makeError: () => Error): number {
    const requests = [...(this.#book ?? [])];
    this.#expiry.stop();
    if (requests.length === 0) return 0;
    this.#book?.clear();
    const waiting = requests.filter(({ isWaitedFor }) => isWaitedFor);
    this.counters.lost += waiting.length;
    this.#changed(-requests.length);
    if (waiting.length === 0) return 0;
    const error = makeError();
    for (const request of waiting) {
      request.settled();
      request.reject(error);
    }
    return waiting.length;
  }

  #changed(change: number): void {
    if (change === 0) return;
    this.watcher?.requestsChanged?.(change);
    if (this.size > 0 || !this.#idle) return;
    this.#idle.resolve();
    this.#idle = undefined;
  }

  /** The peer has just answered. Behind a request with a long timeout of its own, this one may be overdue already. */
  #becameOldest(request: Request<T>): void {
    const time = Math.floor(now());
    if (request.deadline <= time) request.deadline = time + this.#stall;
    this.#expiry.expect(request.deadline, time);
  }

  /** Its caller waits no longer. In order, its answer will come all the same, unless the peer has stalled. */
  #drop(request: Request<T>, error: unknown): void {
    request.settled();
    request.reject(error);
    if (this.#book?.drop(request)) {
      request.deadline = request.sentAt + this.#patienceFor(request);
      request.spare = this.#stall;
      this.#expiry.expect(request.deadline, Math.floor(now()));
    } else {
      this.#changed(-1);
    }
  }

  #overdue(requests: readonly Request<T>[]): void {
    for (const request of requests) {
      if (request.isWaitedFor) {
        this.counters.timedOut += 1;
        this.#drop(request, this.#host.tooLate(request.timeout));
      } else if (request === this.#book?.first) {
        this.#host.stalled(this.#patienceFor(request));
      }
    }
  }

  #patienceFor({ timeout }: Request<T>): number {
    return Math.max(this.#stall, timeout);
  }
}

function wrongKey({ isKeyed }: { readonly isKeyed: boolean }, key: unknown): OptionError {
  return new OptionError('key', `${isKeyed ? 'a key' : 'none'}, as for the other requests`, key);
}

function pendingKey(key: unknown): OptionError {
  return new OptionError('key', 'one that is not pending', key, 'a pending one');
}
