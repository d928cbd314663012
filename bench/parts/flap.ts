import { say, table, type Finding } from '../findings.js';
import { contestants, peers, type KeeperName } from '../keepers/index.js';
import { pause } from '../outage/run.js';
import type { Part } from '../part.js';
import type { KeeperAnswers } from '../programs/keeper.js';
import type { OutageServerAnswers } from '../programs/outage-server.js';
import { interleave, spread } from '../ratios.js';
import { valueTable, withRange } from '../report.js';
import { Respondent } from '../respondent.js';

const connections = 50;
const seconds = 5;
const target = 10;

interface Flapping {
  readonly connects: number;
  readonly cpu: number;
}

/** What a server has to bear that accepts connections and closes each at once. */
export const flap: Part = {
  title: 'Flapping',
  rounds: 3,
  minutes: 6,
  quickRounds: 1,
  peers,
  async run(rounds) {
    const values = await interleave(contestants, rounds, measureOne);
    return [introduction, ...results(values)];
  },
};

const introduction: Finding = say(
  `${connections} connections to one server that accepts each and closes it at once: how often they connect in the first ` +
    `${seconds} s, as the server counts, and the CPU (user and system) that takes. Set up as for the recovery.`,
);

function results(values: (name: KeeperName) => readonly Flapping[]): Finding[] {
  const rows = contestants.map((name) => {
    const connects = values(name).map((each) => each.connects);
    const each = connects.map((count) => count / connections / seconds);
    return [
      name,
      withRange(spread(connects), 0),
      withRange(spread(each), 2),
      withRange(spread(values(name).map(({ cpu }) => cpu)), 0),
    ];
  });
  const most = Math.max(...values('connman').map(({ connects }) => connects));
  return [
    table(['', 'connects', 'per second and connection', 'CPU, ms'], rows),
    valueTable([
      { name: 'connects, at the most', value: `${most}`, target: `<= ${target}`, isMet: most <= target },
    ]),
  ];
}

async function measureOne(keeper: KeeperName): Promise<Flapping> {
  const server = new Respondent<OutageServerAnswers>('outage-server', 'server', ['close']);
  const client = new Respondent<KeeperAnswers>('keeper', 'client', [keeper, String(connections)]);
  try {
    const { port } = await server.ask('listen', 0);
    const before = await client.ask('cpu');
    await client.ask('begin', port);
    await pause(seconds * 1_000);
    const connects = await server.ask('accepted');
    return { connects, cpu: (await client.ask('cpu')) - before };
  } finally {
    await Promise.all([server.kill(), client.kill()]);
  }
}
