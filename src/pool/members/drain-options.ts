import { disconnectChecks, type DisconnectOptions } from '../../connection/index.js';
import { readOptions } from '../../primitives/checks.js';

/** How to disconnect the connections of a pool. */
export interface DrainOptions extends DisconnectOptions {
  /**
   * How long what is under way may take, in milliseconds, before the connections are closed: leases, those that callers wait for
   * already, the promise of `onRetire`, and the answers to the requests of a `Requests`. A connection that was picked and has
   * neither of the last two takes all of this time. Where nothing is under way, connections are closed at once.
   * @default 0
   */
  drain?: number | undefined;
}

/** Checks the options; the caller's object is not kept. */
export function readDrain(options: DrainOptions = {}): DrainOptions {
  return readOptions<DrainOptions>('options', options, disconnectChecks);
}
