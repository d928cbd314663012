import { say, table, type Finding } from '../findings.js';
import { contestants, peers, type KeeperName } from '../keepers/index.js';
import { openAll, pause } from '../outage/run.js';
import type { Part } from '../part.js';
import type { KeeperAnswers } from '../programs/keeper.js';
import type { OutageServerAnswers } from '../programs/outage-server.js';
import { interleave, spread } from '../ratios.js';
import { withRange } from '../report.js';
import { Respondent } from '../respondent.js';

const connections = 200;
const outage = 2_000;
const patience = 5_000;

/** How long a program cannot end that disconnects everything while its server is down. */
export const shutdown: Part = {
  title: 'Shutdown in an outage',
  rounds: 3,
  minutes: 5,
  quickRounds: 1,
  peers,
  async run(rounds) {
    const times = await interleave(contestants, rounds, measureOne);
    const rows = contestants.map((name) => [name, withRange(spread(times(name)), 0)]);
    return [introduction, table(['', 'until the process ends, ms'], rows)];
  },
};

const introduction: Finding = say(
  `${connections} connections whose server was killed ${outage / 1_000} s ago: from "disconnect everything" (\`disconnectAll()\`, ` +
    '`stop()`, `disconnect()`; the pools get back what is lent, then `drain()` and `clear()`, `destroy()`, or `close(true)`) until the ' +
    `process has ended by itself. "never": not within ${patience / 1_000} s; _generic-pool_ waits for those who wait, and ` +
    '_lightning-pool_ goes on dialling.',
);

async function measureOne(keeper: KeeperName): Promise<number> {
  const server = new Respondent<OutageServerAnswers>('outage-server', 'server', ['hold']);
  const client = new Respondent<KeeperAnswers>('keeper', 'client', [keeper, String(connections)]);
  try {
    await openAll(server, client, { keeper, connections });
    await server.kill();
    await pause(outage);
    const before = performance.now();
    client.tell('leave');
    return (await client.hasEnded(patience)) ? performance.now() - before : Infinity;
  } finally {
    await Promise.all([server.kill(), client.kill()]);
  }
}
