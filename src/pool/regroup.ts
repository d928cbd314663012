import type { Handler } from '../connection/index.js';
import { endpointKey } from '../discovery/index.js';
import type { Member } from './members/member.js';
import type { Roster } from './members/roster.js';

/** A connection that is not ready dials another endpoint than before: it counts there from now on. */
export function regroup<H extends Handler>(roster: Roster<H>, member: Member<H>): void {
  const { endpoint } = member.internals;
  const { group: from, lease, pending, status } = member;
  const to = roster.groupOf(endpointKey(endpoint), endpoint, { priority: from.tier.priority });
  if (to === from) return;
  const changes = {
    members: 1,
    size: Number(status !== 'leaving'),
    leases: Number(lease !== undefined),
    pending,
  };
  const count = (group: typeof from, sign: 1 | -1): void => {
    roster.recount(group, () => {
      for (const name of ['members', 'size', 'leases', 'pending'] as const)
        group[name] += sign * changes[name];
    });
  };
  count(from, -1);
  count(to, 1);
  if (from.renewing === member) [from.renewing, to.renewing] = [undefined, member];
  member.group = to;
  for (const group of [from, to]) {
    roster.rotation.count(group.tier, group, 0);
    group.picker.leasesChanged?.(group);
  }
  roster.forget(from);
}
