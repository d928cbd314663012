import { pause } from '../outage/run.js';
import type { OutageServerAnswers } from '../programs/outage-server.js';
import type { RestartsAnswers, Up } from '../programs/restarts-client.js';
import { Respondent } from '../respondent.js';

type Server = Respondent<OutageServerAnswers>;
type Client = Respondent<RestartsAnswers>;

const flags = ['--expose-gc'];
/** A life that ends sooner is not stable: then the next dial would wait for longer. Milliseconds. */
const stable = 5_500;

/** How a program with so many connections fares when all its servers are killed and started again. */
export async function restarts(
  connections: number,
  endpoints: number,
  count: number,
): Promise<{ readonly opening: Up; readonly returns: readonly Up[] }> {
  let servers = startServers(endpoints);
  const ports = await listen(servers, Array<number>(endpoints).fill(0));
  const client: Client = new Respondent(
    'restarts-client',
    'client',
    [String(connections), ports.join()],
    flags,
  );
  try {
    const opening = await client.ask('up');
    const returns: Up[] = [];
    while (returns.length < count) {
      await pause(stable);
      await loseAll(servers, client);
      servers = startServers(endpoints);
      await listen(servers, ports);
      returns.push(await client.ask('up'));
    }
    return { opening, returns };
  } finally {
    await Promise.all([...servers, client].map((each) => each.kill()));
  }
}

function startServers(count: number): readonly Server[] {
  return Array.from({ length: count }, () => new Respondent('outage-server', 'server', ['hold']));
}

/** Lets each listen on its port, or on any with 0; resolves with the ports. */
async function listen(servers: readonly Server[], ports: readonly number[]): Promise<readonly number[]> {
  const listening = servers.map((server, index) => server.ask('listen', ports[index] ?? 0));
  return (await Promise.all(listening)).map(({ port }) => port);
}

async function loseAll(servers: readonly Server[], client: Client): Promise<void> {
  await Promise.all([client.ask('down'), ...servers.map((server) => server.kill())]);
}
