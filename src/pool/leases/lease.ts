import { inspect } from 'node:util';
import type { Connection, Handler, ManagedSocket, Reset } from '../../connection/index.js';
import { controllerForAll, onAbort } from '../../primitives/abort-listeners.js';
import { optionalError } from '../../primitives/checks.js';
import type { Deadline } from '../../primitives/deadline.js';
import type { LifeEndedError } from '../../primitives/errors.js';
import { inspectLease } from '../../telemetry/index.js';
import type { Member } from '../members/member.js';
import { interruption, releasedError } from './lease-errors.js';

/**
 * Exclusive use of one life of a connection, until `release()` or `discard()`. When the life ends, `signal` aborts, and writes
 * are refused. The connection dials again when the lease is given back. If that has not happened after the pool's `drain`, its
 * socket is never connected again, and another connection takes its place in the pool.
 *
 * A lease of `acquire({ lasting: true })` outlives the life: the connection dials again, and still belongs to the lease.
 *
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import { createPool } from 'connman';
 *
 * const pool = createPool('cache', () => ({ onConnect() {} }));
 * pool.addConnection(11211, '127.0.0.1');
 *
 * export async function version(): Promise<string> {
 *   const lease = await pool.acquire();
 *   try {
 *     lease.socket.write('version\r\n');
 *     const [answer] = (await once(lease.socket, 'data', { signal: lease.signal })) as [Buffer];
 *     lease.release();
 *     return answer.toString();
 *   } catch (error) {
 *     lease.discard();
 *     throw error;
 *   }
 * }
 * ```
 */
export interface Lease<H extends Handler = Handler> {
  /**
   * The socket of the connection.
   * @throws `ConnmanError` (code `CONNMAN_RELEASED`) after the end of the lease.
   */
  readonly socket: ManagedSocket;
  /**
   * The handler of the connection.
   * @throws `ConnmanError` (code `CONNMAN_RELEASED`) after the end of the lease.
   */
  readonly handler: H;
  /** The connection, which remains readable after the end of the lease. */
  readonly connection: Connection<H>;
  /** Aborts when the life ends in which the lease began. Its reason is a `LifeEndedError`, which has the reset. */
  readonly signal: AbortSignal;
  /**
   * Ends the lease, and the connection is free for the next caller. If input is left unread, connman also ends the life, so
   * that no other caller reads it. It does nothing after `discard()`, so that it may stand in a `finally`, nor where it comes
   * too late after the end of the life.
   * @throws `ConnmanError` (code `CONNMAN_RELEASED`) after `release()`: someone else may have the connection already.
   */
  release(): void;
  /**
   * Ends the lease and the life (code `requested`): for a connection in the middle of an exchange. If the life in which the
   * lease began has ended already, there is none to end, but for a lasting lease: then the present one ends, if it is ready.
   * After `discard()` it does nothing.
   * @param reason The `error` of the reset.
   * @throws `ConnmanError` (code `CONNMAN_RELEASED`) after `release()`: the life may be someone else's already; `OptionError`
   * for a reason that is no `Error`.
   */
  discard(reason?: Error): void;
  /** `using`: releases, unless the lease has ended already, in whatever way. */
  [Symbol.dispose](): void;
}

/** Takes connections back. */
export interface Lender<H extends Handler> {
  /** The lease is over. With `isDiscarded`, the life has to end, for this reason. */
  giveBack(member: Member<H>, lease: HeldLease<H>, isDiscarded: boolean, reason?: Error): void;
}

/** What most leases do not need. */
export interface Notes {
  life?: AbortController;
  /** The end of the life in which the lease began. */
  reset?: Reset;
  /** Whether it outlives the life. */
  isLasting?: boolean;
  /** While it may still be given back, after the end of the life. */
  drain?: Deadline;
  /** A write was refused while the life ended, or after that: the signal of that life. */
  writtenLate?: AbortSignal;
  /** Is told that it was not given back in time. */
  forfeited?: (error: Error) => void;
  /** When it began, on the monotonic clock, for subscribers. */
  takenAt?: number;
  leak?: { stop(): void };
}

/** Whether a lease has not ended. */
export let isHeld: (lease: HeldLease<Handler>) => boolean;
/** The notes of a lease, if it has any. */
export let notesOf: (lease: HeldLease<Handler>) => Readonly<Notes> | undefined;
/** The notes of a lease, to write into. */
export let noteOn: (lease: HeldLease<Handler>) => Notes;
/** Notes that a life of a lease is over. Returns false if an earlier one was. */
export let interrupt: (lease: HeldLease<Handler>, reset: Reset) => boolean;
/** Aborts the signal of a lease whose life has ended, if it was ever asked for. */
export let tellReset: (lease: HeldLease<Handler>) => void;
/** Ends a lease that was not given back in time. Its holder may go on to use the socket, which is dead. */
export let forfeit: (lease: HeldLease<Handler>) => void;

/** The lease as the pool makes it. It is small, because a pool makes millions of them. */
export class HeldLease<H extends Handler> implements Lease<H> {
  readonly #member: Member<H>;
  /** Until the end of the lease; then how that was. */
  #lender: Lender<H> | 'released' | 'discarded' | 'forfeited';
  #notes: Notes | undefined;

  constructor(member: Member<H>, lender: Lender<H>, notes: Notes | undefined) {
    this.#member = member;
    this.#lender = lender;
    this.#notes = notes;
  }

  // What the pool does with a lease, and an application cannot.
  static {
    isHeld = (lease) => typeof lease.#lender === 'object';
    notesOf = (lease) => lease.#notes;
    noteOn = (lease) => (lease.#notes ??= {});
    interrupt = (lease, reset) => {
      const notes = noteOn(lease);
      const isFirst = notes.reset === undefined;
      notes.reset ??= reset;
      return isFirst;
    };
    tellReset = (lease) => {
      const { life, reset } = noteOn(lease);
      if (reset) life?.abort(interruption(reset, lease.connection.pool));
    };
    forfeit = (lease) => (lease.#lender = 'forfeited');
  }

  get connection(): Connection<H> {
    return this.#member.connection;
  }

  get socket(): ManagedSocket {
    this.#refuseEnded();
    return this.connection.socket;
  }

  get handler(): H {
    this.#refuseEnded();
    return this.connection.handler;
  }

  get signal(): AbortSignal {
    const notes = (this.#notes ??= {});
    if (!notes.life) {
      notes.life = controllerForAll();
      if (notes.reset) notes.life.abort(interruption(notes.reset, this.connection.pool));
    }
    return notes.life.signal;
  }

  release(): void {
    this.#end(false);
  }

  discard(reason?: Error): void {
    optionalError('reason', reason);
    this.#end(true, reason);
  }

  [Symbol.dispose](): void {
    if (this.#lender !== 'released') this.release();
  }

  /** @internal */
  [inspect.custom](): string {
    const state = typeof this.#lender === 'string' ? this.#lender : 'held';
    return inspectLease(this.connection, state, this.#notes?.reset);
  }

  #end(isDiscarded: boolean, reason?: Error): void {
    const lender = this.#lender;
    if (lender === 'discarded') return;
    if (lender === 'released') throw releasedError(this.connection);
    this.#lender = isDiscarded || lender === 'forfeited' ? 'discarded' : 'released';
    if (lender === 'forfeited') return this.#notes?.leak?.stop();
    if (isDiscarded) this.#followLife();
    lender.giveBack(this.#member, this, isDiscarded, reason);
  }

  /** The life is about to end, and the pool will not know of this lease any more. */
  #followLife(): void {
    if (this.signal.aborted) return;
    const life = this.connection.signal;
    onAbort(life, () => {
      interrupt(this, (life.reason as LifeEndedError).reset as Reset);
      tellReset(this);
    });
  }

  #refuseEnded(): void {
    if (this.#lender === 'released' || this.#lender === 'discarded') throw releasedError(this.connection);
  }
}

/** The lease that holds a connection. */
export function leaseOf<H extends Handler>({ lease }: Member<H>): HeldLease<H> | undefined {
  return lease as HeldLease<H> | undefined;
}
