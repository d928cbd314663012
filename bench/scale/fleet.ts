import type { KeeperName } from '../keepers/index.js';
import { openAll } from '../outage/run.js';
import type { KeeperAnswers } from '../programs/keeper.js';
import type { OutageServerAnswers } from '../programs/outage-server.js';
import { Respondent } from '../respondent.js';

/** A program with its connections open, and the server that they are open to. */
export interface Fleet {
  readonly client: Respondent<KeeperAnswers>;
  readonly server: Server;
  readonly port: number;
}

export type Server = Respondent<OutageServerAnswers>;

export const startServer = (): Server =>
  new Respondent<OutageServerAnswers>('outage-server', 'server', ['hold']);

/** Opens the connections of a program to a server of its own, does something with them, and kills both. */
export async function withFleet<T>(
  keeper: KeeperName,
  connections: number,
  run: (fleet: Fleet) => Promise<T>,
): Promise<T> {
  const server = startServer();
  const client = new Respondent<KeeperAnswers>(
    'keeper',
    'client',
    [keeper, String(connections)],
    ['--expose-gc'],
  );
  try {
    return await run({ client, server, port: await openAll(server, client, { keeper, connections }) });
  } finally {
    await Promise.all([server.kill(), client.kill()]);
  }
}
