import { retireInTurn, type Handler, type RetireCode } from '../../connection/index.js';
import type { Member } from './member.js';
import type { Roster } from './roster.js';

/** The pool whose connections are renewed. */
interface RenewingPool<H extends Handler> {
  readonly roster: Roster<H>;
  /** How many lives wait for their turn. */
  readonly overdue: number;
}

/**
 * Lets lives retire without a gap: one at a time in a pool, while another is ready, of the same endpoint where there are several.
 * The others go on until it is their turn. A life that is only old does not retire while it is lent.
 */
export class Renewal<H extends Handler> {
  readonly #pool: RenewingPool<H>;
  /** The connection whose turn it is, until it is ready again, or cannot be. */
  #renewing: Member<H> | undefined;

  constructor(pool: RenewingPool<H>) {
    this.#pool = pool;
  }

  /** Whether a life retires now. Otherwise it waits for its turn. */
  mayRetire(member: Member<H>, code: RetireCode): boolean {
    if (member.retirement === 'ending') return false;
    member.retirement = code === 'max-age' ? 'overdue' : 'asked';
    return this.#begin(member);
  }

  /** Whether a life retires that waits for its turn, if that has come. */
  retireIfOverdue(member: Member<H>): boolean {
    if (!member.isOverdue || !this.#begin(member)) return false;
    retireInTurn(member.internals);
    return true;
  }

  /** The connection is ready again, or closed: the next one may be renewed. */
  renewNext(member: Member<H>): void {
    const { group } = member;
    if (group.renewing === member) group.renewing = undefined;
    this.#passOn(member);
  }

  /** The connection may not come back soon, so the others do not wait for it; those to its endpoint do. */
  failed(member: Member<H>): void {
    if (this.#renewing === member) process.nextTick(() => this.#passOn(member));
  }

  #passOn(member: Member<H>): void {
    if (this.#renewing === member) this.#renewing = undefined;
    const { overdue, roster } = this.#pool;
    if (overdue === 0 || this.#isBusy) return;
    for (const other of roster.members.toArray()) if (this.retireIfOverdue(other)) return;
  }

  #begin(member: Member<H>): boolean {
    if (!this.#isTurnOf(member)) return false;
    const { roster } = this.#pool;
    if (roster.size > 1) {
      this.#renewing = member;
      member.group.renewing = member;
    }
    member.retirement = 'ending';
    roster.update(member);
    return true;
  }

  /** Whether a connection is being renewed, and has not failed to come back. */
  get #isBusy(): boolean {
    return this.#renewing?.internals.record.failuresInRow === 0;
  }

  #isTurnOf(member: Member<H>): boolean {
    const { group, lease, retirement, isReady } = member;
    const { roster } = this.#pool;
    if (!isReady || (lease && retirement === 'overdue')) return false;
    if (roster.size === 1) return true;
    if (this.#isBusy || group.renewing) return false;
    return (group.size > 1 ? group : roster).ready > 1;
  }
}
