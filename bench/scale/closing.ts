import type { KeeperName } from '../keepers/index.js';
import { openAll } from '../outage/run.js';
import type { KeeperAnswers } from '../programs/keeper.js';
import type { OutageServerAnswers } from '../programs/outage-server.js';
import { Respondent } from '../respondent.js';

/** What it took to close all connections of a program. Times are milliseconds. */
export interface Closing {
  /** From the call until everything was closed. */
  readonly closing: number;
  /** From then until the process had ended by itself. */
  readonly ending: number;
}

const flags = ['--expose-gc'];
const patience = 20_000;

/** Lets a program open its connections, to a server of its own, and close them. */
export async function closing(keeper: KeeperName, connections: number): Promise<Closing> {
  const server = new Respondent<OutageServerAnswers>('outage-server', 'server', ['hold']);
  const client = new Respondent<KeeperAnswers>('keeper', 'client', [keeper, String(connections)], flags);
  try {
    await openAll(server, client, { keeper, connections });
    const time = await client.ask('closeAll');
    const before = performance.now();
    client.tell('leave');
    const ending = (await client.hasEnded(patience)) ? performance.now() - before : Infinity;
    return { closing: time, ending };
  } finally {
    await Promise.all([server.kill(), client.kill()]);
  }
}
