import { isUsable, looksClean, type Handler } from '../../connection/index.js';
import { ConnmanError } from '../../primitives/errors.js';
import type { Member } from '../members/member.js';
import type { Roster } from '../members/roster.js';
import type { Rotation } from '../members/rotation.js';

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

  constructor(host: CheckoutHost<H>) {
    this.#roster = host.roster;
    this.#rotation = host.roster.rotation;
    this.#host = host;
  }

  /** The next connection that is not about to close. */
  next(): Member<H> | undefined {
    let member = this.#rotation.pick();
    while (member && !isUsable(member.internals)) {
      this.markEnding(member);
      member = this.#rotation.pick();
    }
    return member;
  }

  /** The next connection that is not about to close and has no unread input, from its last lease or since. */
  nextClean(): Member<H> | undefined {
    let member = this.#rotation.pick();
    while (member && !looksClean(member.internals)) {
      this.endUnclean(member);
      member = this.#rotation.pick();
    }
    return member;
  }

  /** Ends the life of a connection with unread input, unless it is about to close anyway. */
  endUnclean(member: Member<H>): void {
    if (isUsable(member.internals)) this.endLife(member, unreadInput(member));
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
}

function unreadInput({ connection }: Member<never> | Member): ConnmanError {
  const { endpoint, pool, socket } = connection;
  const message = `${socket.readableLength} bytes were left unread by who had the connection before`;
  return new ConnmanError('CONNMAN_UNREAD_INPUT', message, { endpoint, pool });
}
