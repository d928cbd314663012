import type { DrawnWait, EndedBy } from '../../gate/index.js';

/** The least time from the beginning of a life that ends as planned to the next dial, in milliseconds. */
const shortestLife = 50;

/** The end of a life, weighed. */
export interface WeighedLoss {
  readonly endedBy: EndedBy;
  readonly uptime: number;
  /** Whether its handshake was refused. */
  readonly isRefused: boolean;
  readonly drawn: DrawnWait;
  /** Whether the next dial goes to another endpoint. */
  readonly movesOn: boolean;
  /** Whether the round over several endpoints begins again with the first one. */
  readonly startsOver: boolean;
}

/** How long the next dial has to wait after a life that has ended as planned, in milliseconds; nothing after any other. */
export function plannedRest(endedBy: EndedBy, uptime: number): number | undefined {
  return endedBy === 'planned' ? Math.max(0, shortestLife - uptime) : undefined;
}
