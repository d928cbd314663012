import { isUsable, looksClean, type Handler } from '../../connection/index.js';
import { ConnmanError } from '../../primitives/errors.js';
import type { Member } from '../members/member.js';
import type { Roster } from '../members/roster.js';
import type { Rotation } from '../members/rotation.js';
import { isRemembered, type FreeInput } from './free-input.js';

interface CheckoutHost<H extends Handler> {
  readonly roster: Roster<H>;
  /** A member is no longer ready, and no event of its connection has told so. */
  settle(member: Member<H>): void;
}

/** Takes the next connection in turn, and skips those that turn out to be unusable. */
export class Checkout<H extends Handler> {
  readonly #roster: Roster<H>;
  readonly #rotation: Rotation<Member<H>>;
  readonly #host: CheckoutHost<H>;
  /** Unless the servers of the pool speak unasked. */
  readonly #freeInput: FreeInput<H> | undefined;
  readonly #passedOver: () => void;

  /** `passedOver` is called where a connection is free and cannot be lent before the answer to a ping has come. */
  constructor(host: CheckoutHost<H>, freeInput: FreeInput<H> | undefined, passedOver: () => void) {
    this.#roster = host.roster;
    this.#rotation = host.roster.rotation;
    this.#host = host;
    this.#freeInput = freeInput;
    this.#passedOver = passedOver;
  }

  /** The next connection that is not about to close, or that of a key. */
  next(key?: string): Member<H> | undefined {
    let member = key === undefined ? this.#rotation.pick() : this.#roster.pickBy(key);
    while (member && !isUsable(member.internals)) {
      this.markEnding(member);
      member = key === undefined ? this.#rotation.pick() : this.#roster.pickBy(key);
    }
    return member;
  }

  /**
   * The next connection that is not about to close, has no unread input, from its last lease or since, and waits for no answer to
   * a ping, which would come into the lease.
   */
  nextClean(): Member<H> | undefined {
    let member = this.#rotation.pick();
    while (member && !this.isClean(member)) {
      this.endUnclean(member);
      member = this.#rotation.pick();
    }
    return member && awaitsAnswer(member) ? this.#nextAnswered(member) : member;
  }

  /** Whether it has no unread input, and none that came unasked while it was free. */
  isClean(member: Member<H>): boolean {
    return looksClean(member.internals) && (!isRemembered(member.traffic) || !this.#freeInput?.count(member));
  }

  /** Ends the life of a connection with unread input, unless it is about to close anyway. */
  endUnclean(member: Member<H>): void {
    if (isUsable(member.internals)) this.endLife(member, this.#unreadInput(member));
    else this.markEnding(member);
  }

  /** Ends a life whose protocol state is unknown. */
  endLife(member: Member<H>, reason?: Error): void {
    member.connection.reset(reason);
    member.released();
    if (member.connection.state === 'ready') this.markEnding(member);
  }

  /** Takes a member whose life is about to end out of the rotation. */
  markEnding(member: Member<H>): void {
    member.retirement = 'ending';
    this.#roster.update(member);
    this.#host.settle(member);
  }

  /** Skips those that wait for the answer to a ping. They count as leased until another one is found, so that none is picked twice. */
  #nextAnswered(first: Member<H>): Member<H> | undefined {
    const waiting: Member<H>[] = [];
    let member: Member<H> | undefined = first;
    try {
      while (member && awaitsAnswer(member)) {
        waiting.push(member);
        this.#roster.lease(member);
        member = this.#rotation.pick();
      }
    } finally {
      for (const each of waiting) this.#roster.free(each);
    }
    if (!member) this.#passedOver();
    if (!member || this.isClean(member)) return member;
    this.endUnclean(member);
    return this.nextClean();
  }

  #unreadInput(member: Member<H>): ConnmanError {
    const { endpoint, pool, socket } = member.connection;
    const message =
      socket.readableLength > 0
        ? `${socket.readableLength} bytes were left unread by who had the connection before`
        : `${this.#freeInput?.count(member)} bytes came after the last lease, and nothing was written that they could answer`;
    return new ConnmanError('CONNMAN_UNREAD_INPUT', message, { endpoint, pool });
  }
}

/** Whether its heartbeat has sent a ping that is not answered yet. Most connections have no heartbeat. */
function awaitsAnswer({ internals }: Member<never> | Member): boolean {
  return internals.options.liveness !== undefined && internals.presentLife?.awaitsAnswer === true;
}
