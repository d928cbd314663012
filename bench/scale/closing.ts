import type { KeeperName } from '../keepers/index.js';
import { withFleet } from './fleet.js';

/** What it took to close all connections of a program. Times are milliseconds. */
export interface Closing {
  /** From the call until everything was closed. */
  readonly closing: number;
  /** From then until the process had ended by itself. */
  readonly ending: number;
}

const patience = 20_000;

/** Lets a program open its connections, to a server of its own, and close them. */
export function closing(keeper: KeeperName, connections: number): Promise<Closing> {
  return withFleet(keeper, connections, async ({ client }) => {
    const time = await client.ask('closeAll');
    const before = performance.now();
    client.tell('leave');
    const ending = (await client.hasEnded(patience)) ? performance.now() - before : Infinity;
    return { closing: time, ending };
  });
}
