import type { Balancer, Candidate, Picker } from '../../balance/index.js';
import {
  connectionStates,
  CounterTotals,
  type ConnectionState,
  type Handler,
} from '../../connection/index.js';
import type { Endpoint } from '../../primitives/endpoint.js';
import { IndexedSet } from '../../primitives/indexed-set.js';
import { EndpointGroup, type Rank } from './group.js';
import { isReady, type Member, type MemberStatus } from './member.js';
import { Rotation } from './rotation.js';
import type { Tier } from './tier.js';

/** What a snapshot wants of one endpoint. */
export interface WantedEndpoint {
  readonly endpoint: Endpoint;
  readonly rank: Rank;
}

/** The connections of a pool in the order added, with the counts of those that stay and those that are ready. */
export class Roster<H extends Handler> {
  readonly members: IndexedSet<Member<H>> = new IndexedSet();
  readonly groups: Map<string, EndpointGroup<Member<H>>> = new Map();
  readonly rotation: Rotation<Member<H>>;
  /** What its connections have done, and those that have left. */
  readonly totals: CounterTotals = new CounterTotals();
  /** How many connections are in each state. */
  readonly states: Record<ConnectionState, number>;
  /** The connections that stay in the pool. */
  size = 0;
  /** How many of these are ready. */
  ready = 0;
  /** How many connections of endpoints are not ready, or not there, without those that they have grown by. */
  lacking = 0;
  /** How many connections the last snapshot wants that are not there. */
  missing = 0;
  /** How many of these are to be opened. */
  restorable = 0;

  constructor(balancer: Balancer, spill?: number) {
    this.rotation = new Rotation(balancer, spill);
    const none = connectionStates.map((state) => [state, 0]);
    this.states = Object.fromEntries(none) as Record<ConnectionState, number>;
  }

  /** The group of an endpoint. A new one gets this rank. */
  groupOf(key: string, endpoint: Endpoint, rank: Partial<Rank>): EndpointGroup<Member<H>> {
    const known = this.groups.get(key);
    if (known) return known;
    const tier = this.rotation.tierFor(rank.priority ?? 0);
    const group = new EndpointGroup(key, endpoint, tier, this.totals);
    tier.endpoints.add(group);
    rate(group, rank);
    this.groups.set(key, group);
    return group;
  }

  /** Adds a member at the end, or in the place of one that is to be closed. */
  add(member: Member<H>, instead?: Member<H>): void {
    if (instead) {
      this.members.replace(instead, member);
      this.states[instead.connection.state] -= 1;
    } else this.members.add(member);
    member.group.members += 1;
    this.states[member.connection.state] += 1;
    this.update(member);
  }

  /** The state of a connection has changed. */
  moved(member: Member<H>, from: ConnectionState): void {
    if (!this.members.has(member)) return;
    const { state } = member.connection;
    this.states[from] -= 1;
    if (state !== 'closed') this.states[state] += 1;
  }

  /** Takes out a closed connection, whose status is `leaving` already. */
  remove(member: Member<H>): void {
    this.members.delete(member);
    const { group } = member;
    group.members -= 1;
    this.forget(group);
  }

  /** Takes what a snapshot wants, by the keys of its endpoints. Other endpoints are not wanted any more. */
  want(wanted: ReadonlyMap<string, WantedEndpoint>): void {
    for (const group of this.groups.values()) {
      if (!wanted.has(group.key)) this.#want(group, 0);
      this.forget(group);
    }
    const weights = new Map<Tier<Member<H>>, number[]>();
    for (const [key, { endpoint, rank }] of wanted) {
      const group = this.groupOf(key, endpoint, rank);
      this.#want(group, rank.count);
      this.#rank(group, rank);
      const ofTier = weights.get(group.tier) ?? [];
      if (rank.weight > 0) ofTier.push(rank.weight);
      weights.set(group.tier, ofTier);
    }
    this.rotation.want(weights, (tier) => this.#freeIn(tier));
  }

  pickBy(key: string): Member<H> | undefined {
    return this.rotation.pickBy(key, (tier) => this.#freeIn(tier));
  }

  /** A wanted connection is not to be opened again. */
  refuse(group: EndpointGroup<Member<H>>): void {
    this.recount(group, () => {
      group.refused = Math.min(group.refused + 1, group.missing);
    });
  }

  /** All that is wanted is to be opened. Returns whether some of it was not. */
  refuseNone(): boolean {
    const { restorable } = this;
    for (const group of this.groups.values()) this.recount(group, () => (group.refused = 0));
    return this.restorable > restorable;
  }

  /** Takes the status that follows from the state of a member. All counts change here. */
  update(member: Member<H>): void {
    const before = member.status;
    const status = statusOf(member);
    if (status === before) return;
    member.status = status;
    const { group } = member;
    const staying = Number(status !== 'leaving') - Number(before !== 'leaving');
    this.size += staying;
    const ready = Number(isReady(status)) - Number(isReady(before));
    this.ready += ready;
    this.recount(group, () => {
      group.size += staying;
      group.ready += ready;
      if (member.isDiscovered) group.discovered += staying;
    });
    if (ready !== 0 || staying !== 0) this.rotation.count(group.tier, group, ready);
    if (before === 'free') group.picker.remove(member);
    if (status === 'free') join(group.picker, member);
    if (ready !== 0) group.picker.shareChanged?.(group);
  }

  // A lease changes no count. By `update()`, `tryAcquire()` and `release()` would take 1.6 times as much CPU.

  /** From `leased` to `free`. */
  free(member: Member<H>): void {
    member.status = 'free';
    member.group.picker.add(member);
  }

  /** From `free` to `leased`. */
  lease(member: Member<H>): void {
    member.status = 'leased';
    member.group.picker.remove(member);
  }

  /** Does something that changes what an endpoint lacks. */
  recount(group: EndpointGroup<Member<H>>, change: () => unknown): void {
    const { lacking, missing, restorable } = group;
    change();
    this.lacking += group.lacking - lacking;
    this.missing += group.missing - missing;
    this.restorable += group.restorable - restorable;
  }

  /** An endpoint without connections is forgotten, unless some are wanted. */
  forget(group: EndpointGroup<Member<H>>): void {
    if (group.members > 0 || group.wanted > 0) return;
    this.groups.delete(group.key);
    this.rotation.leave(group.tier, group);
  }

  #want(group: EndpointGroup<Member<H>>, count: number): void {
    this.recount(group, () => {
      group.wanted = count;
      if (count === 0) group.refused = 0;
    });
  }

  #freeIn(tier: Tier<Member<H>>): Member<H>[] {
    const members = this.members.toArray();
    return members.filter(({ group, status }) => status === 'free' && group.tier === tier);
  }

  #rank(group: EndpointGroup<Member<H>>, rank: Rank): void {
    const tier = this.rotation.tierFor(rank.priority);
    const moves = tier !== group.tier || group.isReserve !== (rank.weight === 0);
    if (!moves) {
      rate(group, rank);
      group.picker.shareChanged?.(group);
      this.rotation.count(tier, group, 0);
      return;
    }
    const { tier: before, ready } = group;
    const free = this.#freeIn(before).filter((member) => member.group === group);
    for (const member of free) group.picker.remove(member);
    before.ready -= ready;
    before.leave(group);
    group.tier = tier;
    tier.endpoints.add(group);
    rate(group, rank);
    for (const member of free) join(group.picker, member);
    this.rotation.count(tier, group, ready);
  }
}

function join<T extends Candidate>(picker: Picker<T>, member: T): void {
  if (picker.join) picker.join(member);
  else picker.add(member);
}

/** Takes what discovery says, where it says something. A weight of 0 makes a reserve, in which all are equal. */
function rate<M extends Candidate>(group: EndpointGroup<M>, { weight }: Partial<Rank>): void {
  group.weight = weight === 0 ? 1 : weight;
  group.isReserve = weight === 0;
  group.picker = group.tier.pickerFor(group.isReserve);
}

function statusOf({ connection, isLeaving, retirement, lease }: Member<never> | Member): MemberStatus {
  const { state } = connection;
  if (isLeaving || state === 'closing' || state === 'closed') return 'leaving';
  if (state !== 'ready' || retirement === 'ending') return 'unavailable';
  return lease ? 'leased' : 'free';
}
