import { sharedNow } from '../programs/clock.js';
import type { KeeperAnswers } from '../programs/keeper.js';
import type { OutageServerAnswers } from '../programs/outage-server.js';
import { Respondent } from '../respondent.js';
import type { KeeperName } from '../keepers/index.js';
import type { Outage } from './statistics.js';

/** How many connections lose their server, and for how long. */
export interface Plan {
  readonly keeper: KeeperName;
  readonly connections: number;
  readonly outage: number;
  /** How long the connections are up before. */
  readonly uptime: number;
  /** How long to wait for the last one to come back. */
  readonly patience: number;
}

/**
 * Without the collection that V8 makes some eight seconds after any program has become idle: 9 ms, which would fall into the
 * outage only of those whose connections had been up for long enough before.
 */
const flags = ['--no-memory-reducer'];

/** How long to wait for all to be open at first. */
const opening = 30_000;

/** Kills a server under its connections, and lets another listen in its place: what became of them. */
export async function sufferOutage(plan: Plan): Promise<Outage> {
  const first = new Respondent<OutageServerAnswers>('outage-server', 'server', ['hold']);
  const second = new Respondent<OutageServerAnswers>('outage-server', 'server', ['hold']);
  const args = [plan.keeper, String(plan.connections)];
  const client = new Respondent<KeeperAnswers>('keeper', 'client', args, flags);
  try {
    const port = await openAll(first, client, plan);
    // Asked for something, it has started: it must not have to start while the time runs.
    await second.ask('accepted');
    await pause(plan.uptime);
    return await outage(first, second, client, port, plan);
  } finally {
    await Promise.all([first, second, client].map((each) => each.kill()));
  }
}

/** Opens all connections to the server; resolves with its port. */
export async function openAll(
  server: Respondent<OutageServerAnswers>,
  client: Respondent<KeeperAnswers>,
  { keeper, connections }: { readonly keeper: KeeperName; readonly connections: number },
): Promise<number> {
  const { port } = await server.ask('listen', 0);
  await client.ask('begin', port);
  if (await server.ask('full', connections, opening)) return port;
  throw new Error(`${keeper}: expected ${connections} connections, got ${await server.ask('accepted')}`);
}

/** How long after a loss it has been noticed and dealt with, in milliseconds. */
const settled = 500;

async function outage(
  first: Respondent<OutageServerAnswers>,
  second: Respondent<OutageServerAnswers>,
  client: Respondent<KeeperAnswers>,
  port: number,
  plan: Plan,
): Promise<Outage> {
  const cpuBefore = await client.ask('cpu');
  const lostAt = sharedNow();
  await first.kill();
  await pause(lostAt + settled - sharedNow());
  const cpuSettled = await client.ask('cpu');
  await pause(lostAt + plan.outage - sharedNow());
  const cpuAfter = await client.ask('cpu');
  const [cpu, cpuDown] = [cpuAfter - cpuBefore, cpuAfter - cpuSettled];
  const { at: returnedAt } = await second.ask('listen', port);
  await second.ask('full', plan.connections, plan.patience);
  return {
    lostAt,
    returnedAt,
    cpu,
    cpuDown,
    dials: await client.ask('dials'),
    steps: await second.ask('steps'),
  };
}

/** Waits for so many milliseconds. */
export function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}
