import type { Connection, Handler, ManagedSocket, Reset } from '../connection/index.js';
import { ClosedError, ConnmanError, OptionError } from '../primitives/errors.js';
import { toError } from './health.js';
import type { Member } from './member.js';

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
  takeBack(member: Member<H>, lease: HeldLease<H>, isSpoilt: boolean, reason?: Error): void;
}

/** A lease, and what the pool keeps of it. */
export class HeldLease<H extends Handler> implements Lease<H> {
  readonly connection: Connection<H>;
  readonly #lender: Lender<H>;
  /** Until it is over. */
  #member: Member<H> | undefined;
  #life: AbortController | undefined = undefined;
  #reset: Reset | undefined = undefined;
  /** @internal When it was taken, if anybody wants to know. */
  takenAt: number | undefined = undefined;
  /** @internal Reports it if it is held for too long. */
  leak: { stop(): void } | undefined = undefined;

  constructor(member: Member<H>, lender: Lender<H>) {
    this.#member = member;
    this.#lender = lender;
    this.connection = member.connection;
  }

  get socket(): ManagedSocket {
    return this.#held().connection.socket;
  }

  get handler(): H {
    return this.#held().connection.handler;
  }

  get signal(): AbortSignal {
    if (!this.#life) {
      this.#life = new AbortController();
      if (this.#reset) this.#life.abort(lifeError(this.#reset, this.connection.pool));
    }
    return this.#life.signal;
  }

  /** @internal Whether it is not over. */
  get isHeld(): boolean {
    return this.#member !== undefined;
  }

  release(): void {
    const member = this.#held();
    this.#member = undefined;
    this.#lender.takeBack(member, this, false);
  }

  discard(reason?: Error): void {
    const member = this.#held();
    if (reason !== undefined && !(reason instanceof Error))
      throw new OptionError('reason', 'an Error', reason);
    this.#member = undefined;
    this.#lender.takeBack(member, this, true, reason);
  }

  [Symbol.dispose](): void {
    if (this.#member) this.release();
  }

  /** @internal */
  lifeEnded(reset: Reset): void {
    if (this.#reset) return;
    this.#reset = reset;
    this.#life?.abort(lifeError(reset, this.connection.pool));
  }

  #held(): Member<H> {
    if (this.#member) return this.#member;
    const { pool, endpoint } = this.connection;
    throw new ConnmanError('CONNMAN_RELEASED', 'the lease is over: it was released', { pool, endpoint });
  }
}

function lifeError(reset: Reset, pool: string | undefined): ClosedError {
  const message = `the life of the connection that was lent has ended: ${reset.code}`;
  return new ClosedError(message, { cause: toError(reset), endpoint: reset.endpoint, pool });
}
