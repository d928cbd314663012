import { disconnectChecks, type DisconnectOptions } from '../../connection/index.js';
import { milliseconds, readOptions, type Check } from '../../primitives/checks.js';

/** How to disconnect the connections of a pool. */
export interface DrainOptions extends DisconnectOptions {
  /**
   * How long to wait, in milliseconds, for the leases that are still held, and those that callers wait for already, before
   * their connections are closed. Connections without a lease are closed at once, unless a caller waits for one.
   * @default 0
   */
  drain?: number | undefined;
}

const checks: Readonly<Record<keyof DrainOptions, Check>> = { ...disconnectChecks, drain: milliseconds };

/** Checks the options; the caller's object is not kept. */
export function readDrain(options: DrainOptions = {}): DrainOptions {
  return readOptions<DrainOptions>('options', options, checks);
}
