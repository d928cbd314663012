import type { Handler } from '../connection/index.js';
import { publishEndpointState, publishPoolState, type PoolSource } from '../telemetry/index.js';
import type { EndpointGroup } from './members/group.js';
import type { Health } from './members/health.js';
import type { Member } from './members/member.js';
import type { Roster } from './members/roster.js';

/** The pool whose states are told. */
export interface StatefulPool<H extends Handler> extends PoolSource {
  readonly isClosed: boolean;
  readonly health: Health;
  readonly roster: Roster<H>;
}

/**
 * Takes and tells the states of a pool and of some of its endpoints. What is wanted counts as there, and not ready.
 */
export function publishStates<H extends Handler>(
  pool: StatefulPool<H>,
  groups: Iterable<EndpointGroup<Member<H>>>,
): void {
  const { health, roster } = pool;
  if (pool.isClosed) return;
  const before = health.update(roster.ready + roster.lacking, roster.ready);
  if (before) publishPoolState(pool, health, before);
  for (const group of groups) {
    const groupBefore = group.health.update(group.ready + group.lacking, group.ready);
    if (!groupBefore || group.size + group.wanted === 0) continue;
    publishEndpointState(pool, group.health, groupBefore, group.endpoint);
  }
}
