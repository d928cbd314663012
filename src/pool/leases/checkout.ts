import type { Handler } from '../../connection/index.js';
import { ConnmanError } from '../../primitives/errors.js';
import type { Member } from '../members/member.js';
import type { Roster } from '../members/roster.js';
import type { Rotation } from '../members/rotation.js';

/** Whose connections are taken. */
interface CheckoutHost<H extends Handler> {
  readonly roster: Roster<H>;
  /** It is not ready any more, outside of an event of its own. */
  settle(member: Member<H>): void;
}

/** Takes the next connection in turn, unless it turns out that it cannot be used. */
export class Checkout<H extends Handler> {
  readonly #roster: Roster<H>;
  readonly #rotation: Rotation<Member<H>>;
  readonly #host: CheckoutHost<H>;

  constructor(host: CheckoutHost<H>) {
    this.#roster = host.roster;
    this.#rotation = host.roster.rotation;
    this.#host = host;
  }

  /** The next one that is not about to go. */
  next(): Member<H> | undefined {
    let member = this.#rotation.pick();
    while (member && !member.connection.isUsable) {
      this.lose(member);
      member = this.#rotation.pick();
    }
    return member;
  }

  /** The next one of which, besides, nothing waits to be read: what its last holder left, or what has come since. */
  nextClean(): Member<H> | undefined {
    let member = this.#rotation.pick();
    while (member && !member.connection.looksClean()) {
      this.endUnclean(member);
      member = this.#rotation.pick();
    }
    return member;
  }

  /** It is about to go, or input was left unread: then its life has to end. */
  endUnclean(member: Member<H>): void {
    if (member.connection.isUsable) this.spoil(member, unreadInput(member));
    else this.lose(member);
  }

  /** Ends its life: nobody knows what it is in the middle of. */
  spoil(member: Member<H>, reason?: Error): void {
    member.connection.reset(reason);
    member.released();
    if (member.connection.state === 'ready') this.lose(member);
  }

  /** Its life is about to end. */
  lose(member: Member<H>): void {
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
