import type { KeeperName } from '../keepers/index.js';
import { openAll, pause } from '../outage/run.js';
import type { KeeperAnswers } from '../programs/keeper.js';
import type { OutageServerAnswers } from '../programs/outage-server.js';
import { Respondent } from '../respondent.js';

/** The longest time for which the event loop of a program did nothing else, in milliseconds. */
export interface Stalls {
  /** While it lost all of its connections. */
  readonly lost: number;
  /** While all of them came back. */
  readonly back: number;
}

const flags = ['--expose-gc'];
/** A life that ends sooner is not stable: then the next dial would wait for longer. Milliseconds. */
const stable = 5_500;

/** Kills the server of a program's connections, and lets another listen in its place as soon as all are lost. */
export async function losing(keeper: KeeperName, connections: number): Promise<Stalls> {
  const servers = [0, 1].map(() => new Respondent<OutageServerAnswers>('outage-server', 'server', ['hold']));
  const [first, second] = servers as [Respondent<OutageServerAnswers>, Respondent<OutageServerAnswers>];
  const client = new Respondent<KeeperAnswers>('keeper', 'client', [keeper, String(connections)], flags);
  try {
    const port = await openAll(first, client, { keeper, connections });
    await second.ask('accepted');
    await pause(stable);
    await client.ask('longestStall');
    await first.kill();
    await client.ask('alive', 0);
    const lost = await client.ask('longestStall');
    await second.ask('listen', port);
    await client.ask('alive', connections);
    return { lost, back: await client.ask('longestStall') };
  } finally {
    await Promise.all([...servers, client].map((each) => each.kill()));
  }
}
