import type { KeeperName } from '../keepers/index.js';
import { pause } from '../outage/run.js';
import { startServer, withFleet } from './fleet.js';

/** The longest time for which the event loop of a program did nothing else, in milliseconds. */
export interface Stalls {
  /** While it lost all of its connections. */
  readonly lost: number;
  /** While all of them came back. */
  readonly back: number;
}

/** A life that ends sooner is not stable: then the next dial would wait for longer. Milliseconds. */
const stable = 5_500;

/** Kills the server of a program's connections, and lets another listen in its place as soon as all are lost. */
export async function losing(keeper: KeeperName, connections: number): Promise<Stalls> {
  const next = startServer();
  try {
    return await withFleet(keeper, connections, async ({ client, server, port }) => {
      // Asked for something, it has started: it must not have to start while the time runs.
      await next.ask('accepted');
      await pause(stable);
      await client.ask('longestStall');
      await server.kill();
      await client.ask('alive', 0);
      const lost = await client.ask('longestStall');
      await next.ask('listen', port);
      await client.ask('alive', connections);
      return { lost, back: await client.ask('longestStall') };
    });
  } finally {
    await next.kill();
  }
}
