import type { Connection, Handler, ManagedSocket, Reset } from '../../connection/index.js';
import { ClosedError, ConnmanError, OptionError } from '../../primitives/errors.js';
import { toError } from '../members/health.js';
import type { Member } from '../members/member.js';

/**
 * Exclusive use of one ready connection, until `release()` or `discard()`. connman never takes it back: when the connection's
 * life ends, `signal` aborts, and the connection dials again and still belongs to the lease.
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
  /** Aborts when the life ends in which the lease began. Its reason is an error that says why. */
  readonly signal: AbortSignal;
  /**
   * Ends the lease, and the connection is free for the next caller. If input is left unread, connman also ends the life, so
   * that no other caller reads it. After `discard()` it does nothing, so that it may stand in a `finally`.
   * @throws `ConnmanError` (code `CONNMAN_RELEASED`) after `release()`: someone else may have the connection already.
   */
  release(): void;
  /**
   * Ends the lease and the life (code `requested`): for a connection in the middle of an exchange. If the life in which the
   * lease began has ended already, the present one is ended, if it is ready. After `discard()` it does nothing.
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
  /** When it began, on the monotonic clock, for subscribers. */
  takenAt?: number;
  leak?: { stop(): void };
}

/** Whether a lease has not ended. */
export let isHeld: (lease: HeldLease<Handler>) => boolean;
/** The notes of a lease, if it has any. */
export let notesOf: (lease: HeldLease<Handler>) => Readonly<Notes> | undefined;
/** Tells a lease that a life of its connection is over. */
export let tellReset: (lease: object, reset: Reset) => void;

/** The lease as the pool makes it. It is small, because a pool makes millions of them. */
export class HeldLease<H extends Handler> implements Lease<H> {
  readonly #member: Member<H>;
  /** Until the end of the lease; then how that was. */
  #lender: Lender<H> | 'released' | 'discarded';
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
    tellReset = (lease, reset) => {
      if (#notes in lease) lease.#lifeEnded(reset);
    };
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
      notes.life = new AbortController();
      if (notes.reset) notes.life.abort(lifeError(notes.reset, this.connection.pool));
    }
    return notes.life.signal;
  }

  release(): void {
    this.#end(false);
  }

  discard(reason?: Error): void {
    if (reason !== undefined && !(reason instanceof Error))
      throw new OptionError('reason', 'an Error', reason);
    this.#end(true, reason);
  }

  [Symbol.dispose](): void {
    if (isHeld(this)) this.release();
  }

  #end(isDiscarded: boolean, reason?: Error): void {
    const lender = this.#lender;
    if (lender === 'discarded') return;
    if (lender === 'released') throw releasedError(this.connection);
    this.#lender = isDiscarded ? 'discarded' : 'released';
    lender.giveBack(this.#member, this, isDiscarded, reason);
  }

  #lifeEnded(reset: Reset): void {
    const notes = (this.#notes ??= {});
    if (notes.reset) return;
    notes.reset = reset;
    notes.life?.abort(lifeError(reset, this.connection.pool));
  }

  #refuseEnded(): void {
    if (!isHeld(this)) throw releasedError(this.connection);
  }
}

function releasedError({ pool, endpoint }: Connection<never> | Connection): ConnmanError {
  return new ConnmanError('CONNMAN_RELEASED', 'the lease is over: it was released', { pool, endpoint });
}

function lifeError(reset: Reset, pool: string | undefined): ClosedError {
  const message = `the life of the leased connection has ended: ${reset.code}`;
  return new ClosedError(message, { cause: toError(reset), endpoint: reset.endpoint, pool });
}
