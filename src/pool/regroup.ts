import type { Handler } from '../connection/index.js';
import { endpointKey } from '../discovery/index.js';
import type { EndpointGroup } from './members/group.js';
import type { Member } from './members/member.js';
import { publishStates, type StatefulPool } from './publish-states.js';

/** A connection that is not ready may dial another endpoint than before: it counts there from now on. */
export function regroup<H extends Handler>(pool: StatefulPool<H>, member: Member<H>): void {
  const { roster } = pool;
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
  const count = (group: EndpointGroup<Member<H>>, sign: 1 | -1): void => {
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
    group.picker.loadChanged?.(group);
  }
  roster.forget(from);
  // No event tells of it, and what it has left may be up again.
  process.nextTick(() => publishStates(pool, [from, to]));
}
