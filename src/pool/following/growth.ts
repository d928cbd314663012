import { AsyncResource } from 'node:async_hooks';
import { reportError, type Handler } from '../../connection/index.js';
import { startTimer, stopTimer, type Timer } from '../../primitives/time.js';
import type { EndpointGroup } from '../members/group.js';
import type { MemberOptions } from '../members/member-options.js';
import type { Member, MemberSpec } from '../members/member.js';
import type { Roster } from '../members/roster.js';
import type { Elastic } from './elastic-options.js';

/** The pool that grows and shrinks. */
interface GrowingPool<H extends Handler> {
  readonly roster: Roster<H>;
  readonly options: MemberOptions;
  readonly drain: number;
  readonly isClosed: boolean;
  /** `waiting`: how many callers wait for a connection. */
  readonly leases: { readonly waiting: number };
  open(spec: MemberSpec): unknown;
}

/** How often an idle connection is looked at within `idle`: it closes late by at most that part of `idle`. */
const parts = 8;

/**
 * Opens more connections to endpoints that are well while callers wait, and closes as many as were of no use for `idle`: fewer were
 * lent at a time all along. So it makes no difference which of them the balancer has lent.
 */
export class Growth<H extends Handler> {
  readonly #pool: GrowingPool<H>;
  readonly #context: AsyncResource = new AsyncResource('connman');
  #elastic: Elastic;
  #isDue = false;
  #timer: Timer | undefined;
  /** The most leases at a time in each of the last parts of `idle`. */
  readonly #peaks: Map<EndpointGroup<Member<H>>, readonly number[]> = new Map();

  constructor(pool: GrowingPool<H>, elastic: Elastic) {
    this.#pool = pool;
    this.#elastic = elastic;
  }

  /** Returns whether these are other limits. */
  resize(elastic: Elastic): boolean {
    const { min, max, idle } = this.#elastic;
    if (elastic.min === min && elastic.max === max && elastic.idle === idle) return false;
    this.#elastic = elastic;
    this.stop();
    return true;
  }

  /** A caller waits for a connection: grows later in this turn of the event loop, when all callers of the turn are known. */
  wanted(): void {
    if (this.#isDue || this.#elastic.max === this.#elastic.min) return;
    this.#isDue = true;
    process.nextTick(() => {
      this.#isDue = false;
      this.#context.runInAsyncScope(() => this.#grow());
    });
  }

  /** Another snapshot is wanted, or other limits: notes how large each endpoint may become. */
  limit(): void {
    const { roster } = this.#pool;
    for (const group of roster.groups.values()) {
      roster.recount(group, () => (group.most = this.#mostOf(group)));
    }
    // What was wanted before may be more than is wanted now.
    this.#watch();
  }

  /** Of the connections beyond the least number, those beyond the greatest: the others have grown, and stay. */
  withoutGrown<P extends { readonly member: Member<H> }>(surplus: readonly P[]): readonly P[] {
    const counts = new Map<EndpointGroup<Member<H>>, number>();
    return surplus.filter(({ member: { group } }) => {
      const count = counts.get(group) ?? group.wanted;
      if (count >= group.most) return true;
      counts.set(group, count + 1);
      return false;
    });
  }

  stop(): void {
    stopTimer(this.#timer);
    this.#timer = undefined;
    this.#peaks.clear();
  }

  #mostOf({ isReserve, isWithdrawn, wanted, weight = 0 }: EndpointGroup<Member<H>>): number {
    if (isWithdrawn || isReserve) return wanted;
    return Math.max(wanted, Math.round(this.#elastic.max * weight));
  }

  #grow(): void {
    const { leases, roster } = this.#pool;
    const groups = [...roster.groups.values()].filter((group) => this.#mayGrow(group));
    let missing = leases.waiting - groups.reduce((sum, { size, ready }) => sum + size - ready, 0);
    const present = new Map(missing > 0 ? roster.members.toArray().map((each) => [each.group, each]) : []);
    while (missing > 0 && !this.#pool.isClosed) {
      const group = leastOf(groups.filter((each) => hasRoom(each, present.get(each))));
      if (!group || !this.#open(group, present.get(group))) break;
      missing -= 1;
    }
    this.#watch();
  }

  #mayGrow(group: EndpointGroup<Member<H>>): boolean {
    return group.ready > 0 && group.most > group.wanted && this.#pool.roster.rotation.uses(group.tier);
  }

  #open({ key, endpoint }: EndpointGroup<Member<H>>, present: Member<H> | undefined): boolean {
    const { defaults: options } = this.#pool.options;
    try {
      this.#pool.open({ key, endpoint, rank: {}, isDiscovered: true, options });
      return true;
    } catch (error) {
      if (present && !this.#pool.isClosed) reportError(present.internals, error, 'factory');
      return false;
    }
  }

  /** Looks again and again while an endpoint has more connections than are wanted at least. */
  #watch(): void {
    const { roster, isClosed } = this.#pool;
    const isGrown = [...roster.groups.values()].some((group) => isLarge(group));
    if (this.#timer || !isGrown || isClosed || this.#elastic.idle === 0) return;
    this.#timer = startTimer(Math.max(1, this.#elastic.idle / parts), false, () => {
      this.#timer = undefined;
      this.#shrink();
      this.#watch();
    });
  }

  #shrink(): void {
    const { leases, roster } = this.#pool;
    for (const group of roster.groups.values()) {
      if (!isLarge(group)) {
        this.#peaks.delete(group);
        continue;
      }
      const peaks = [...(this.#peaks.get(group) ?? []), group.peak].slice(-parts - 1);
      this.#peaks.set(group, peaks);
      group.peak = group.leases;
      const spare = Math.min(group.size - Math.max(...peaks), group.discovered - group.wanted);
      if (peaks.length > parts && leases.waiting === 0) this.#letGo(group, spare);
    }
  }

  /** Lets `count` connections go: first those that are not ready, then the newest ones. */
  #letGo(group: EndpointGroup<Member<H>>, count: number): void {
    if (count <= 0) return;
    const members = this.#pool.roster.members.toArray().filter((each) => each.group === group);
    const free = members
      .filter(({ isDiscovered, lease, status }) => isDiscovered && !lease && status !== 'leaving')
      .toReversed();
    const order = free.toSorted((a, b) => Number(a.isReady) - Number(b.isReady));
    for (const member of order.slice(0, count)) member.leave({ drain: this.#pool.drain });
  }
}

function isLarge({ discovered, wanted }: EndpointGroup<Member>): boolean {
  return wanted > 0 && discovered > wanted;
}

/** Whether its gate would let another dial begin at once, or once its window has doubled, as it does when there is a queue. */
function hasRoom<H extends Handler>(group: EndpointGroup<Member<H>>, member: Member<H> | undefined): boolean {
  if (!member || group.discovered >= group.most) return false;
  const { state, window } = member.internals.dialer.gateReport;
  return state !== 'probing' && group.size - group.ready < 2 * window;
}

/** The endpoint with the fewest connections, by weight. */
function leastOf<M extends Member>(groups: readonly EndpointGroup<M>[]): EndpointGroup<M> | undefined {
  const sizeOf = ({ size, weight = 1 }: EndpointGroup<M>): number => size / weight;
  return groups.length > 0 ? groups.reduce((a, b) => (sizeOf(b) < sizeOf(a) ? b : a)) : undefined;
}
