import type { ConnectionStats } from '../connection/index.js';

/** What a pool has done so far: a snapshot. */
export interface PoolStats {
  readonly name: string;
  /** How many connections the pool has, and how many of them are ready. */
  readonly size: number;
  readonly ready: number;
  /** The connections' own snapshots, by index. */
  readonly connections: readonly ConnectionStats[];
}
