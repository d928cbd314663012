import type { Connection, Handler, ManagedSocket, Reset } from '../../connection/index.js';
import { ClosedError, ConnmanError, OptionError } from '../../primitives/errors.js';
import { toError } from '../members/health.js';
import type { Member } from '../members/member.js';

/**
 * Exclusive use of a ready connection, until it is released. It is not taken away: when the connection's life ends, `signal`
 * aborts, and the connection, which dials again, is still lent.
 */
export interface Lease<H extends Handler = Handler> {
  /** The socket of the connection. @throws `ConnmanError` (code `CONNMAN_RELEASED`) once the lease is over. */
  readonly socket: ManagedSocket;
  /** The handler of the connection. @throws `ConnmanError` (code `CONNMAN_RELEASED`) once the lease is over. */
  readonly handler: H;
  readonly connection: Connection<H>;
  /** Aborts when the life ends in which the connection was lent; its reason says why. */
  readonly signal: AbortSignal;
  /**
   * Ends the lease. Input that is left unread ends the life as well, so that nobody else reads it.
   * @throws `ConnmanError` (code `CONNMAN_RELEASED`) the second time.
   */
  release(): void;
  /**
   * Ends the lease and the life (code `requested`), as nobody can know what the connection is in the middle of. When the
   * life in which it was lent has ended already, the next one ends as well, if it is ready.
   * @throws `ConnmanError` (code `CONNMAN_RELEASED`) the second time; `OptionError` for a reason that is no `Error`.
   */
  discard(reason?: Error): void;
  /** `using`: releases, unless that is done. */
  [Symbol.dispose](): void;
}

/** Who takes a connection back. */
export interface Lender<H extends Handler> {
  /** With `isSpoilt`, its life has to end, for that reason if there is one. */
  giveBack(member: Member<H>, lease: HeldLease<H>, isSpoilt: boolean, reason?: Error): void;
}

/** What is kept of few leases only. */
interface Notes {
  life?: AbortController;
  /** The end of the life in which the connection was lent. */
  reset?: Reset;
  /** When it was taken, if anybody wants to know. */
  takenAt?: number;
  /** Reports it if it is held for too long. */
  leak?: { stop(): void };
}

/** A lease, and what the pool keeps of it. There are many of them, so it is small. */
export class HeldLease<H extends Handler> implements Lease<H> {
  readonly #member: Member<H>;
  /** Until it is over. */
  #lender: Lender<H> | undefined;
  #notes: Notes | undefined = undefined;

  constructor(member: Member<H>, lender: Lender<H>) {
    this.#member = member;
    this.#lender = lender;
  }

  get connection(): Connection<H> {
    return this.#member.connection;
  }

  get socket(): ManagedSocket {
    this.#refuseOver();
    return this.connection.socket;
  }

  get handler(): H {
    this.#refuseOver();
    return this.connection.handler;
  }

  get signal(): AbortSignal {
    const notes = this.note();
    if (!notes.life) {
      notes.life = new AbortController();
      if (notes.reset) notes.life.abort(lifeError(notes.reset, this.connection.pool));
    }
    return notes.life.signal;
  }

  /** @internal Whether it is not over. */
  get isHeld(): boolean {
    return this.#lender !== undefined;
  }

  /** @internal What is kept of it besides, if anything is. */
  get notes(): Readonly<Notes> | undefined {
    return this.#notes;
  }

  release(): void {
    const lender = this.#lender;
    if (!lender) throw releasedError(this.connection);
    this.#lender = undefined;
    lender.giveBack(this.#member, this, false);
  }

  discard(reason?: Error): void {
    if (reason !== undefined && !(reason instanceof Error))
      throw new OptionError('reason', 'an Error', reason);
    const lender = this.#lender;
    if (!lender) throw releasedError(this.connection);
    this.#lender = undefined;
    lender.giveBack(this.#member, this, true, reason);
  }

  [Symbol.dispose](): void {
    if (this.isHeld) this.release();
  }

  /** @internal Keeps something of it. */
  note(): Notes {
    this.#notes ??= {};
    return this.#notes;
  }

  /** @internal */
  lifeEnded(reset: Reset): void {
    const notes = this.note();
    if (notes.reset) return;
    notes.reset = reset;
    notes.life?.abort(lifeError(reset, this.connection.pool));
  }

  #refuseOver(): void {
    if (!this.#lender) throw releasedError(this.connection);
  }
}

function releasedError({ pool, endpoint }: Connection<never> | Connection): ConnmanError {
  return new ConnmanError('CONNMAN_RELEASED', 'the lease is over: it was released', { pool, endpoint });
}

function lifeError(reset: Reset, pool: string | undefined): ClosedError {
  const message = `the life of the connection that was lent has ended: ${reset.code}`;
  return new ClosedError(message, { cause: toError(reset), endpoint: reset.endpoint, pool });
}
