import { internals, type Connection, type Handler } from '../connection/index.js';
import { endpointKey } from '../discovery/index.js';
import type { Endpoint } from '../primitives/endpoint.js';
import { Member, type MemberSpec } from './members/member.js';
import type { StandIns } from './members/renewal.js';

/** The pool whose connections need others to stand in for them. */
interface StandInsHost<H extends Handler> {
  readonly drain: number;
  open(spec: MemberSpec): Connection<H>;
}

/**
 * Connections for a moment: each is ready before the life of another retires, and leaves when that one is ready again, or closed.
 * The others keep their sockets and their indices.
 */
export class PoolStandIns<H extends Handler> implements StandIns<H> {
  readonly #host: StandInsHost<H>;
  /** Who stands in for each; `opening` until it is made, and where it was once it has closed of its own accord. */
  readonly #of: Map<Member<H>, Member<H> | 'opening' | Endpoint> = new Map();

  constructor(host: StandInsHost<H>) {
    this.#host = host;
  }

  isNeededBy(member: Member<H>): boolean {
    const { options, dialer } = member.internals;
    if (this.#whomFor(member)) return false;
    return (
      dialer.failover.successor !== undefined ||
      (member.retirement === 'overdue' && options.liveness?.overlaps === true)
    );
  }

  isReadyFor(member: Member<H>, most: number): boolean {
    const standIn = this.#of.get(member);
    if (standIn instanceof Member) return standIn.isReady;
    // What has closed it may close the other as well, whose life is good.
    if (standIn === 'opening' || standIn === endpointFor(member)) return false;
    if (!standIn && this.#of.size >= most) return false;
    this.#of.set(member, 'opening');
    // The factory is code of the application.
    process.nextTick(() => this.#open(member));
    return false;
  }

  settled(member: Member<H>): void {
    const whom = this.#whomFor(member);
    if (whom) {
      if (member.connection.state === 'closed') this.#of.set(whom, endpointFor(whom));
      return;
    }
    const standIn = this.#of.get(member);
    this.#of.delete(member);
    if (standIn instanceof Member) standIn.leave({ drain: this.#host.drain });
  }

  #open(member: Member<H>): void {
    if (this.#of.get(member) !== 'opening') return;
    const { group, internals: present } = member;
    const endpoint = endpointFor(member);
    try {
      const connection = this.#host.open({
        key: endpointKey(endpoint),
        endpoint,
        rank: { priority: group.tier.priority },
        isDiscovered: false,
        options: present.options,
      });
      this.#of.set(member, internals(connection).owner as unknown as Member<H>);
    } catch (error) {
      this.#of.set(member, endpoint);
      present.handlerFailed(error, 'factory');
    }
  }

  #whomFor(standIn: Member<H>): Member<H> | undefined {
    for (const [member, other] of this.#of) if (other === standIn) return member;
    return undefined;
  }
}

/** Where the other has to be ready. */
function endpointFor<H extends Handler>({ internals: { dialer, endpoint } }: Member<H>): Endpoint {
  return dialer.failover.successor ?? endpoint;
}
