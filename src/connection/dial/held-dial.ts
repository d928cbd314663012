import type { DialRequester } from '../../gate/index.js';
import { now } from '../../primitives/time.js';
import type { Failover } from './failover.js';

/** The next dial of a connection that is lent, and whose life has ended: it queues when the lease is given back. */
export class HeldDial {
  /** Whether `reconnectNow()` was called. */
  isUrgent: boolean;
  /** When it may dial after a life that ended as planned; otherwise the gate says when. */
  readonly #plannedAt: number | undefined;

  constructor(rest: number | undefined, isUrgent: boolean) {
    this.isUrgent = isUrgent;
    this.#plannedAt = rest === undefined ? undefined : now() + rest;
  }

  /** Queues for the dial. */
  release(requester: DialRequester, failover: Failover): void {
    if (this.#plannedAt === undefined) failover.queueUp(requester, failover.gate);
    else failover.queuePlanned(requester, Math.max(0, this.#plannedAt - now()));
    if (this.isUrgent) failover.gate.makeUrgent(requester);
  }
}
