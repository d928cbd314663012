import type { Handler } from '../../connection/index.js';
import type { EndpointGroup } from './group.js';
import type { Member } from './member.js';
import type { Roster } from './roster.js';

/**
 * Ends lives that are over their `maxAge` without a gap: never a leased one, and of several connections to an endpoint one at
 * a time, while another is ready.
 */
export class Renewal<H extends Handler> {
  readonly #roster: Roster<H>;

  constructor(roster: Roster<H>) {
    this.#roster = roster;
  }

  /** Whether a life that is over its `maxAge` ends now. Otherwise it is overdue. */
  mayRetire(member: Member<H>): boolean {
    if (member.retirement === 'ending') return false;
    if (!member.lease && this.#begin(member)) return true;
    member.retirement = 'overdue';
    return false;
  }

  /** Ends an overdue life that has no lease, if it may end now. */
  retireIfOverdue(member: Member<H>): boolean {
    if (member.retirement !== 'overdue' || !this.#begin(member)) return false;
    member.internals.presentLife?.retire();
    return true;
  }

  /** The connection is ready again, or closed: the next one of its endpoint may be renewed. */
  renewNext(member: Member<H>): void {
    const { group } = member;
    if (group.renewing === member) group.renewing = undefined;
    if (group.overdue === 0) return;
    for (const other of this.#roster.members.toArray()) {
      if (other.group === group && other.status === 'free' && this.retireIfOverdue(other)) return;
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
