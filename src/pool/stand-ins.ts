import { endsForGood, internals, type Connection, type Handler } from '../connection/index.js';
import { endpointKey } from '../discovery/index.js';
import type { Endpoint } from '../primitives/endpoint.js';
import { Restorations } from './following/restorations.js';
import { Member, type MemberSpec } from './members/member.js';
import type { StandIns } from './members/renewal.js';

/** The pool whose connections need others to stand in for them. */
interface StandInsHost<H extends Handler> {
  readonly drain: number;
  readonly isClosed: boolean;
  open(spec: MemberSpec): Connection<H>;
  retireIfOverdue(member: Member<H>): boolean;
}

/**
 * Extra connections for a moment. Each is ready before the life of another one retires, and leaves when that one is ready again, is
 * closed, or has to go elsewhere. So the other one keeps its socket and its index. A stand-in that has closed is opened again after a
 * wait, but not after a failure for good: the other one would meet the same at its next dial, and its present life is well.
 */
export class PoolStandIns<H extends Handler> implements StandIns<H> {
  readonly #host: StandInsHost<H>;
  /** The stand-in of each connection: `opening` until it is made, and its endpoint once it has closed by itself. */
  readonly #of: Map<Member<H>, Member<H> | 'opening' | Endpoint> = new Map();
  readonly #reopenings = new Restorations((key) => this.#reopen(key), false);

  constructor(host: StandInsHost<H>) {
    this.#host = host;
  }

  /** How many there are, without those that are about to leave. */
  get size(): number {
    return [...this.#of.keys()].filter((member) => this.of(member)?.isLeaving === false).length;
  }

  /** Who stands in for a connection. */
  of(member: Member<H>): Member<H> | undefined {
    const standIn = this.#of.get(member);
    return standIn instanceof Member ? standIn : undefined;
  }

  /** Whether a connection is there for a moment only. */
  has(member: Member<H>): boolean {
    return this.#whomFor(member) !== undefined;
  }

  isNeededBy(member: Member<H>): boolean {
    const { options, dialer } = member.internals;
    if (this.has(member)) return false;
    return (
      dialer.failover.successors !== undefined ||
      (member.retirement === 'overdue' && options.liveness?.overlaps === true)
    );
  }

  isReadyFor(member: Member<H>, most: number): boolean {
    const present = this.#of.get(member);
    const standIn = this.of(member);
    if (standIn && isRightFor(standIn, member)) return standIn.isReady;
    if (present === 'opening' || present === endpointsFor(member)[0]) return false;
    if (!standIn && this.#count >= most) return false;
    this.#of.set(member, 'opening');
    // The factory is code of the application.
    process.nextTick(() => {
      this.#dismiss(standIn);
      this.#open(member);
    });
    return false;
  }

  settled(member: Member<H>): void {
    const whom = this.#whomFor(member);
    const isClosed = member.connection.state === 'closed';
    if (!isClosed) this.#reopenings.succeeded(member.group.key);
    if (!whom) {
      const standIn = this.of(member);
      this.#of.delete(member);
      this.#dismiss(standIn);
    } else if (isClosed) {
      const { closing } = member.internals;
      if (this.#isOfUse(member, whom)) this.#missed(whom, closing !== undefined && endsForGood(closing));
      else this.#of.delete(whom);
    }
  }

  failed(member: Member<H>): void {
    const whom = this.#whomFor(member);
    if (whom && !this.#isOfUse(member, whom)) process.nextTick(() => this.#dismiss(member));
  }

  /** The pool is disconnected. */
  stop(): void {
    this.#reopenings.clear();
  }

  /** How many there are, or soon will be. */
  get #count(): number {
    return [...this.#of.values()].filter((each) => each === 'opening' || each instanceof Member).length;
  }

  #isOfUse(standIn: Member<H>, whom: Member<H>): boolean {
    return this.isNeededBy(whom) && isRightFor(standIn, whom);
  }

  #dismiss(standIn: Member<H> | undefined): void {
    standIn?.leave({ drain: this.#host.drain });
  }

  #open(member: Member<H>): void {
    if (this.#of.get(member) !== 'opening') return;
    const { group, internals: present } = member;
    const endpoints = endpointsFor(member);
    const [endpoint] = endpoints;
    try {
      const connection = this.#host.open({
        key: endpointKey(endpoint),
        endpoint,
        rank: { priority: group.tier.priority },
        isDiscovered: false,
        options: present.options,
      });
      this.#of.set(member, internals(connection).owner as unknown as Member<H>);
      if (endpoints.length > 1) connection.setEndpoints(endpoints);
    } catch (error) {
      this.#missed(member, false);
      present.handlerFailed(error, 'factory');
    }
  }

  /** The other goes on as it is: for a while, or until its life ends. */
  #missed(member: Member<H>, isForGood: boolean): void {
    const [endpoint] = endpointsFor(member);
    this.#of.set(member, endpoint);
    if (!isForGood && !this.#host.isClosed) this.#reopenings.schedule(endpointKey(endpoint));
  }

  #reopen(key: string): void {
    for (const [member, missed] of this.#of) {
      if (missed === 'opening' || missed instanceof Member || endpointKey(missed) !== key) continue;
      this.#of.delete(member);
      this.#host.retireIfOverdue(member);
    }
  }

  #whomFor(standIn: Member<H>): Member<H> | undefined {
    for (const [member, other] of this.#of) if (other === standIn) return member;
    return undefined;
  }
}

/** Where the other has to be ready: at one of these. */
function endpointsFor<H extends Handler>(member: Member<H>): readonly [Endpoint, ...Endpoint[]] {
  const { dialer, endpoint } = member.internals;
  return (dialer.failover.successors as [Endpoint, ...Endpoint[]] | undefined) ?? [endpoint];
}

function isRightFor<H extends Handler>({ group }: Member<H>, member: Member<H>): boolean {
  return endpointsFor(member).some((each) => endpointKey(each) === group.key);
}
