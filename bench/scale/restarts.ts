import { pause } from '../outage/run.js';
import type { OutageServerAnswers } from '../programs/outage-server.js';
import type { RestartsAnswers, Up } from '../programs/restarts-client.js';
import { Respondent } from '../respondent.js';

type Server = Respondent<OutageServerAnswers>;
type Client = Respondent<RestartsAnswers>;

const flags = ['--expose-gc'];
/** Neither compiled code nor what it notes for the compilers belongs to a connection: it would be counted as it comes and goes. */
const heapFlags = [
  ...flags,
  '--no-opt',
  '--no-sparkplug',
  '--no-maglev',
  '--no-lazy-feedback-allocation',
  '--no-flush-bytecode',
];
/** A life that ends sooner is not stable: then the next dial would wait for longer. Milliseconds. */
const stable = 5_500;

/** How many connections one program has, to how many endpoints, and how often these are restarted. */
export interface Fleet {
  readonly connections: number;
  readonly endpoints: number;
  readonly restarts: number;
}

/** How a program fares, at first and after each restart. */
export interface Course {
  readonly opening: Up;
  readonly returns: readonly Up[];
}

/** How a program with all these connections fares when all its servers are killed and started again. */
export function restarts(fleet: Fleet): Promise<Course> {
  return withClient(fleet, flags, async (client, restart) => {
    const opening = await client.ask('up');
    return { opening, returns: await repeat(fleet.restarts, restart) };
  });
}

/**
 * The bytes of heap that it uses after each restart. Each connection has been lost by an error before: Node.js makes room for
 * the first that a socket has, and at a restart only few dials fail, each time those of others.
 */
export function heapsAfterRestarts(fleet: Fleet): Promise<readonly number[]> {
  return withClient(fleet, heapFlags, async (client, restart) => {
    await client.ask('up');
    await pause(stable);
    await client.ask('fail');
    await client.ask('up');
    const returns = await repeat(fleet.restarts, restart);
    return returns.map(({ heap }) => heap);
  });
}

async function withClient<T>(
  { connections, endpoints }: Fleet,
  clientFlags: readonly string[],
  use: (client: Client, restart: () => Promise<Up>) => Promise<T>,
): Promise<T> {
  let servers = startServers(endpoints);
  const ports = await listen(servers, Array<number>(endpoints).fill(0));
  const args = [String(connections), ports.join()];
  const client: Client = new Respondent('restarts-client', 'client', args, clientFlags);
  try {
    return await use(client, async () => {
      await pause(stable);
      await loseAll(servers, client);
      servers = startServers(endpoints);
      await listen(servers, ports);
      return client.ask('up');
    });
  } finally {
    await Promise.all([...servers, client].map((each) => each.kill()));
  }
}

async function repeat<T>(times: number, run: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  while (results.length < times) results.push(await run());
  return results;
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
