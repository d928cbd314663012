import type { Balancer } from '../../../src/balance/index.js';
import { endpointKey, type DiscoveredEndpoint } from '../../../src/discovery/index.js';
import { ranksOf } from '../../../src/pool/following/ranks.js';
import type { Rank } from '../../../src/pool/members/group.js';
import type { Member } from '../../../src/pool/members/member.js';
import { Roster, type WantedEndpoint } from '../../../src/pool/members/roster.js';

/** As much of a member as a roster looks at. */
export interface PretendedMember {
  readonly host: string;
  readonly connection: { state: 'ready' | 'waiting' | 'closed' };
  lease: object | undefined;
}

/** A roster whose connections are ready, or not, as the test says. */
export class PretendedRoster {
  readonly members: PretendedMember[] = [];
  readonly #roster: Roster<never>;

  constructor(balancer: Balancer, spill?: number) {
    this.#roster = new Roster(balancer, spill);
  }

  get isCovered(): boolean {
    return this.#roster.rotation.isCovered;
  }

  /** Takes a snapshot, and opens what it wants and what is not there. */
  follow(snapshot: readonly DiscoveredEndpoint[], perEndpoint: number = 1): void {
    const ranks = ranksOf(snapshot, perEndpoint);
    const entries = snapshot.map((endpoint): [string, WantedEndpoint] => {
      const key = endpointKey(endpoint);
      return [key, { endpoint, rank: ranks.get(key) as Rank }];
    });
    this.#roster.want(new Map(entries));
    const rounds = Math.max(...Array.from(ranks.values(), ({ count }) => count));
    for (let round = 0; round < rounds; round += 1) {
      for (const endpoint of snapshot) {
        const rank = ranks.get(endpointKey(endpoint));
        if (!rank || round >= rank.count || this.#count(endpoint.host) >= rank.count) continue;
        this.#open(endpoint, rank);
      }
    }
  }

  /** The host of the connection that is picked. */
  pick(key?: string): string | undefined {
    return this.pickMember(key)?.host;
  }

  pickMember(key?: string): PretendedMember | undefined {
    const picked = key === undefined ? this.#roster.rotation.pick() : this.#roster.pickBy(key);
    return picked as unknown as PretendedMember | undefined;
  }

  /** How often each host is picked. */
  count(picks: number): Map<string, number> {
    const counts = new Map<string, number>();
    for (let pick = 0; pick < picks; pick += 1) {
      const host = this.pick() ?? 'none';
      counts.set(host, (counts.get(host) ?? 0) + 1);
    }
    return counts;
  }

  /** All connections to a host go, or are back. */
  set(host: string, state: PretendedMember['connection']['state']): void {
    for (const member of this.members) {
      if (member.host !== host) continue;
      member.connection.state = state;
      this.#roster.update(member as never);
      if (state === 'closed') this.#roster.remove(member as never);
    }
  }

  lend(member: PretendedMember): void {
    member.lease = {};
    this.#roster.lease(member as never);
    this.#lent(member, 1);
  }

  giveBack(member: PretendedMember): void {
    this.#lent(member, -1);
    member.lease = undefined;
    this.#roster.free(member as never);
  }

  #lent(member: PretendedMember, change: number): void {
    const { group } = member as unknown as Member;
    group.leases += change;
    group.picker.loadChanged?.(group);
  }

  #count(host: string | undefined): number {
    return this.members.filter((each) => each.host === host && each.connection.state !== 'closed').length;
  }

  #open(endpoint: DiscoveredEndpoint, rank: Parameters<Roster<never>['groupOf']>[2]): void {
    const { host = '' } = endpoint;
    const group = this.#roster.groupOf(endpointKey(endpoint), endpoint, rank);
    const places = { pending: 0, index: -1, next: undefined, previous: undefined };
    const states = { isDiscovered: true, isLeaving: false, retirement: undefined, status: 'leaving' };
    const member = {
      host,
      connection: { state: 'ready' as const },
      lease: undefined,
      group,
      ...places,
      ...states,
    };
    this.members.push(member);
    this.#roster.add(member as never);
  }
}
