import type { Balancer } from '../balance/index.js';
import type { Handler } from '../connection/index.js';
import type { Endpoint } from '../primitives/endpoint.js';
import { EndpointGroup } from './group.js';
import type { Member } from './member.js';
import { Rotation, type Tier } from './rotation.js';

/** The connections of a pool, in the order added, and which of them are ready, and free. */
export class Roster<H extends Handler> {
  readonly members: Member<H>[] = [];
  readonly groups: Map<string, EndpointGroup> = new Map();
  readonly rotation: Rotation<Member<H>>;
  /** How many connections there are, those that are about to leave apart, and how many of them are ready. */
  size = 0;
  ready = 0;

  constructor(balancer: Balancer) {
    this.rotation = new Rotation(balancer);
  }

  /** The group of an endpoint, made if there is none; discovery may have given it a priority. */
  groupOf(key: string, endpoint: Endpoint, priority: number): EndpointGroup {
    const known = this.groups.get(key);
    if (known) return known;
    const group = new EndpointGroup(key, endpoint, this.rotation.enter(priority) as Tier);
    this.groups.set(key, group);
    return group;
  }

  add(member: Member<H>): void {
    this.members.push(member);
    member.group.members += 1;
    this.update(member);
  }

  remove(member: Member<H>): void {
    const index = this.members.indexOf(member);
    if (index >= 0) this.members.splice(index, 1);
    this.update(member);
    const { group } = member;
    group.members -= 1;
    if (group.members > 0) return;
    this.groups.delete(group.key);
    this.rotation.leave(group.tier as Tier<Member<H>>);
  }

  /** The only place where it is decided whether a member counts, counts as ready, and is in the rotation. */
  update(member: Member<H>): void {
    const { state } = member.connection;
    const isStaying = !member.isLeaving && state !== 'closing' && state !== 'closed';
    if (isStaying !== member.isStaying) {
      member.isStaying = isStaying;
      const change = isStaying ? 1 : -1;
      this.size += change;
      member.group.size += change;
    }
    const isReady = isStaying && state === 'ready' && !member.isEnding;
    if (isReady !== member.isReady) {
      member.isReady = isReady;
      const change = isReady ? 1 : -1;
      this.ready += change;
      member.group.ready += change;
      this.rotation.count(member.group.tier as Tier<Member<H>>, change);
    }
    const isFree = isReady && !member.lease;
    if (isFree === member.isFree) return;
    if (isFree) this.free(member);
    else this.occupy(member);
  }

  /** The member, which was not free, enters the rotation. */
  free(member: Member<H>): void {
    member.isFree = true;
    member.group.tier.picker.add(member);
  }

  /** The member, which was free, leaves the rotation. */
  occupy(member: Member<H>): void {
    member.isFree = false;
    member.group.tier.picker.remove(member);
  }

  /** An endpoint has another priority than before. */
  prioritize(group: EndpointGroup, priority: number): void {
    if (priority === group.tier.priority) return;
    const tier = this.rotation.enter(priority) as Tier;
    const members = this.members.filter((member) => member.group === group);
    const ready = members.filter(({ isReady }) => isReady);
    const free = members.filter(({ isFree }) => isFree);
    for (const member of free) this.occupy(member);
    for (const _ of ready) this.rotation.count(group.tier as Tier<Member<H>>, -1);
    this.rotation.leave(group.tier as Tier<Member<H>>);
    group.tier = tier;
    for (const _ of ready) this.rotation.count(tier as Tier<Member<H>>, 1);
    for (const member of free) this.free(member);
  }
}
