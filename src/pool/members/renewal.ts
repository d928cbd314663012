import type { Handler } from '../../connection/index.js';
import type { EndpointGroup } from './group.js';
import type { Member } from './member.js';
import type { Roster } from './roster.js';

/**
 * Ends lives that are over their `maxAge` without a gap: none that is lent, and where an endpoint has several connections,
 * one at a time, while another is ready.
 */
export class Renewal<H extends Handler> {
  readonly #roster: Roster<H>;

  constructor(roster: Roster<H>) {
    this.#roster = roster;
  }

  /** A life is over its age: says whether it is to be ended now. If not, it is remembered. */
  mayRetire(member: Member<H>): boolean {
    if (member.retirement === 'ending') return false;
    if (!member.lease && this.#begin(member)) return true;
    member.retirement = 'overdue';
    return false;
  }

  /** Nobody uses it any more: ends its life, if that was waiting for this. */
  retires(member: Member<H>): boolean {
    if (member.retirement !== 'overdue' || !this.#begin(member)) return false;
    member.connection.retire();
    return true;
  }

  /** A connection is ready again, or gone: the next may be renewed. */
  proceed(member: Member<H>): void {
    const { group } = member;
    if (group.renewing === member) group.renewing = undefined;
    if (group.overdue === 0) return;
    for (const other of this.#roster.members.toArray()) {
      if (other.group === group && other.status === 'free' && this.retires(other)) return;
    }
  }

  #begin(member: Member<H>): boolean {
    const { group } = member;
    if (group.size > 1 && (group.renewing || !hasAnotherReady(group, member))) return false;
    if (group.size > 1) group.renewing = member;
    member.retirement = 'ending';
    this.#roster.update(member);
    return true;
  }
}

function hasAnotherReady<H extends Handler>(group: EndpointGroup<Member<H>>, member: Member<H>): boolean {
  return group.ready > (member.isReady ? 1 : 0);
}
