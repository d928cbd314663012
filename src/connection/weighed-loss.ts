import type { DrawnWait, EndedBy } from '../gate/index.js';

/** The end of a life, weighed. */
export interface WeighedLoss {
  readonly endedBy: EndedBy;
  readonly uptime: number;
  /** Whether its handshake was refused. */
  readonly isRefused: boolean;
  readonly drawn: DrawnWait;
  /** Whether the next dial goes to the next endpoint. */
  readonly movesOn: boolean;
}
