import type { Handler } from '../../connection/index.js';
import type { Member } from '../members/member.js';
import type { Checkout } from './checkout.js';
import { leaseOf, noteOn, notesOf } from './lease.js';

/** What happens to a connection or is asked of it, as far as its lease or the next one is concerned. */
export class MemberEvents<H extends Handler> {
  readonly #checkout: Checkout<H>;

  constructor(checkout: Checkout<H>) {
    this.#checkout = checkout;
  }

  /** A connection is closed: its lease keeps the process alive no more. */
  closed(member: Member<H>): void {
    const lease = leaseOf(member);
    if (lease) notesOf(lease)?.drain?.unref();
  }

  /** Whether the connection is lent for one life, and does not dial before the end of the lease. */
  holds(member: Member<H>): boolean {
    const lease = leaseOf(member);
    return lease !== undefined && notesOf(lease)?.isLasting !== true;
  }

  /** A write was refused on the present socket, or on an earlier one while the link is up. */
  writeRefused(member: Member<H>): void {
    const lease = leaseOf(member);
    if (lease && !member.internals.link.takesWrites) noteOn(lease).writtenLate ??= lease.connection.signal;
  }

  /** A heartbeat is about to write. Returns false where that would cover up what came unasked: then the life ends. */
  pinging(member: Member<H>): boolean {
    const isClean = member.traffic === undefined || this.#checkout.isClean(member);
    if (isClean) member.traffic = undefined;
    else this.#checkout.endUnclean(member);
    return isClean;
  }
}
