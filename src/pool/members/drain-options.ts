import { disconnectChecks, type DisconnectOptions } from '../../connection/index.js';
import { milliseconds, readOptions, type Check } from '../../primitives/checks.js';

/** How a connection, or all of a pool, is ended. */
export interface DrainOptions extends DisconnectOptions {
  /**
   * How long leases may last on, in milliseconds, before their connections are ended; those that are not lent are ended at
   * once. Default 0: not at all.
   */
  drain?: number | undefined;
}

const checks: Readonly<Record<keyof DrainOptions, Check>> = { ...disconnectChecks, drain: milliseconds };

/** How to drain, checked. */
export function readDrain(options: DrainOptions = {}): DrainOptions {
  return readOptions<DrainOptions>('options', options, checks);
}
