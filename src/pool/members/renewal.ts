import { isUsable, retireInTurn, type Handler, type RetireCode } from '../../connection/index.js';
import type { Member } from './member.js';
import type { Roster } from './roster.js';

/** The pool whose connections are renewed. */
interface RenewingPool<H extends Handler> {
  readonly roster: Roster<H>;
  /** How many lives wait for their turn. */
  readonly overdue: number;
}

/** The connections that stand in for others. */
export interface StandIns<H extends Handler> {
  /** Whether a life may retire only when another connection is ready in its place. */
  isNeededBy(member: Member<H>): boolean;
  /** Whether that is ready. It is opened if there is none, and fewer than `most` stand in. */
  isReadyFor(member: Member<H>, most: number): boolean;
  /** The connection is ready, or closed. */
  settled(member: Member<H>): void;
  /** A dial of the connection has failed, or its life was lost. In the middle of a change. */
  failed(member: Member<H>): void;
}

/** The part of a pool's connections that may be renewed at a time. Of a small pool, it is one. */
const atATime = 0.25;

/**
 * Lets lives retire without a gap: a quarter of a pool's connections at a time, at least one, and of an endpoint one, while
 * another is ready, of the same endpoint where there are several. The others go on until it is their turn. A life that is only old
 * does not retire while it is lent.
 */
export class Renewal<H extends Handler> {
  readonly #pool: RenewingPool<H>;
  readonly #standIns: StandIns<H>;
  /** The connections whose turn it is, until they are ready again, or cannot be. */
  readonly #renewing: Set<Member<H>> = new Set();

  constructor(pool: RenewingPool<H>, standIns: StandIns<H>) {
    this.#pool = pool;
    this.#standIns = standIns;
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
    this.#standIns.settled(member);
    if (group.renewing === member) group.renewing = undefined;
    this.#passOn(member);
  }

  /** The connection may not come back soon, so the others do not wait for it; those to its endpoint do. */
  failed(member: Member<H>): void {
    this.#standIns.failed(member);
    if (this.#renewing.has(member)) process.nextTick(() => this.#passOn(member));
  }

  #passOn(member: Member<H>): void {
    this.#renewing.delete(member);
    if (this.#pool.overdue === 0) return;
    for (const other of this.#pool.roster.members.toArray()) {
      if (this.#isBusy) return;
      this.retireIfOverdue(other);
    }
  }

  #begin(member: Member<H>): boolean {
    if (!this.#isTurnOf(member)) return false;
    this.#renewing.add(member);
    member.group.renewing = member;
    member.retirement = 'ending';
    this.#pool.roster.update(member);
    return true;
  }

  /** Whether as many are being renewed as may be. One that has failed to come back does not count. */
  get #isBusy(): boolean {
    const renewing = [...this.#renewing].filter(({ internals }) => internals.record.failuresInRow === 0);
    return renewing.length >= this.#most;
  }

  get #most(): number {
    return Math.max(1, Math.floor(this.#pool.roster.size * atATime));
  }

  #isTurnOf(member: Member<H>): boolean {
    const { group, lease, retirement, isReady } = member;
    const { roster } = this.#pool;
    // A life that is about to end by itself needs no turn.
    if (!isReady || !isUsable(member.internals) || (lease && retirement === 'overdue')) return false;
    if (this.#standIns.isNeededBy(member)) {
      return !this.#isBusy && this.#standIns.isReadyFor(member, this.#most);
    }
    if (roster.size === 1) return true;
    if (this.#isBusy || group.renewing) return false;
    return (group.size > 1 ? group : roster).ready > 1;
  }
}
