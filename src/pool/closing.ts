import { abortReason, onAbort } from '../primitives/abort-listeners.js';
import { startDeadline, stopDeadline, type Deadline } from '../primitives/deadline.js';
import { Deferred } from '../primitives/deferred.js';
import { isError } from '../primitives/errors.js';
import { now } from '../primitives/time.js';
import { publishPoolClose, type PoolSource } from '../telemetry/index.js';
import { poolClosed } from './leases/acquire-errors.js';
import type { DrainOptions } from './members/drain-options.js';

/** The pool, as far as its end needs it. */
interface ClosingPool extends PoolSource {
  readonly added: number;
  /** Whether a connection may become ready. */
  readonly hasProspects: boolean;
  readonly leases: { readonly waiting: number; failAll(makeError: () => Error): void };
  readonly roster: {
    readonly members: { toArray(): readonly { leave(options: DrainOptions): void }[] };
  };
  /** Nothing can be added or asked for from now on, for this reason. */
  closing(error: Error): void;
}

/**
 * The end of a pool. Who waits for a lease is served first, until the time to drain is over; meanwhile its connections go on as
 * ever, dials included. Then they leave, each after its lease.
 */
export class PoolClosing {
  isClosed = false;
  readonly #pool: ClosingPool;
  #reason: Error | undefined;
  #options: DrainOptions = {};
  /** While callers are served that waited already. */
  #deadline: Deadline | undefined;
  #endsAt = 0;
  /** How many connections have left, after all were told. */
  #gone = 0;
  readonly #closed: Deferred = new Deferred();
  #stopListening: (() => void) | undefined;

  constructor(pool: ClosingPool) {
    this.#pool = pool;
  }

  /** Resolves when the pool is disconnected and all of its connections are closed. */
  get whenClosed(): Promise<void> {
    return this.#closed.promise;
  }

  get error(): Error | undefined {
    return this.isClosed ? poolClosed(this.#pool.name, this.#reason) : undefined;
  }

  /** Disconnects when the signal aborts, or at once if it has. */
  obey(signal: AbortSignal): void {
    this.#stopListening = onAbort(signal, () => {
      const reason = abortReason(signal);
      this.disconnect(isError(reason) ? { reason } : {});
    });
  }

  /** A later call replaces the times of an earlier one. */
  disconnect(options: DrainOptions): void {
    const isFirst = !this.isClosed;
    this.#options = options;
    this.#stopServing();
    if (isFirst) this.#close(options.reason);
    const { drain = 0 } = options;
    const { leases, hasProspects } = this.#pool;
    if (drain > 0 && leases.waiting > 0 && hasProspects) {
      this.#endsAt = now() + drain;
      this.#deadline = startDeadline(drain, true, () => this.#failWaiting());
    } else {
      this.#failWaiting();
      this.#leave(drain);
    }
    if (isFirst) this.#finishIfEmpty();
  }

  /** The last waiter has left the queue. */
  queueEmptied(): void {
    if (!this.#deadline) return;
    this.#stopServing();
    this.#leave(Math.max(0, this.#endsAt - now()));
  }

  /** A connection has left. */
  connectionLeft(): void {
    this.#gone += 1;
  }

  /** Everything that follows from the last change is done. */
  settled(): void {
    if (this.isClosed) this.#finishIfEmpty();
  }

  #close(reason: Error | undefined): void {
    this.isClosed = true;
    this.#reason = reason;
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#pool.closing(this.error as Error);
  }

  #failWaiting(): void {
    this.#pool.leases.failAll(() => this.error as Error);
  }

  #stopServing(): void {
    stopDeadline(this.#deadline);
    this.#deadline = undefined;
  }

  #leave(drain: number): void {
    const { grace, reason = this.#reason } = this.#options;
    for (const member of this.#pool.roster.members.toArray()) member.leave({ drain, grace, reason });
  }

  #finishIfEmpty(): void {
    if (this.#gone < this.#pool.added) return;
    this.#closed.resolve();
    publishPoolClose(this.#pool);
  }
}
