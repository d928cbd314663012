import { say, type Finding } from '../findings.js';
import { holders, peers, type HolderName } from '../keepers/index.js';
import type { Part } from '../part.js';
import { measureAny, withServer } from '../processes.js';
import type { Footprint } from '../programs/census.js';
import { barPlot } from '../plots/bars.js';
import { interleave, spread } from '../ratios.js';
import { comparisonTable, type Comparison } from '../report.js';

/** So many that the tables of Node.js, which grow by doubling, do not tip the scales. */
const connections = 8_000;
/** Of the ratio to a bare socket. */
const targets: Partial<Record<HolderName, number>> = { connman: 1.35, 'connman, connect()': 1.25 };
/** Neither compiled code nor its disposal belongs to a connection, but both would be counted. */
const flags = ['--expose-gc', '--no-opt', '--no-sparkplug', '--no-flush-bytecode'];
const names = Object.keys(holders) as HolderName[];

type Rounds = (name: HolderName) => readonly Footprint[];

/** What an idle connection takes. */
export const memory: Part = {
  title: 'Memory',
  rounds: 3,
  minutes: 5,
  quickRounds: 1,
  peers,
  async run(rounds) {
    const footprints = await interleave(names, rounds, measureOne);
    return [
      introduction,
      picture(footprints),
      comparisonTable(
        'heap, B',
        0,
        compare(footprints, ({ heap }) => heap, targets),
      ),
      comparisonTable(
        'RSS, B',
        0,
        compare(footprints, ({ rss }) => rss),
      ),
    ];
  },
};

const introduction: Finding = say(
  `The heap that an idle connection takes, and the memory of the process (RSS), of ${connections} after a warm-up of 1 000. ` +
    '_connman_ is `pool.addConnection()`. What the pools of anything hold is not lent.',
);

function picture(footprints: Rounds): Finding {
  return barPlot({
    name: 'memory',
    title: 'Heap of an idle connection',
    unit: 'bytes',
    format: ',.0f',
    bars: names.map((name) => ({ name, value: spread(footprints(name).map(({ heap }) => heap)).median })),
  });
}

function compare(
  footprints: Rounds,
  of: (each: Footprint) => number,
  limits: Partial<Record<HolderName, number>> = {},
): Comparison[] {
  return names
    .filter((name) => name !== 'bare')
    .map((name) => ({
      name,
      subject: footprints(name).map(of),
      control: footprints('bare').map(of),
      target: limits[name],
    }));
}

/** With a server of its own: the next one does not see this one's thousands of connections being closed. */
async function measureOne(name: HolderName): Promise<Footprint> {
  const args = (port: number): string[] => [name, String(connections), String(port)];
  return withServer(async ({ sink }) => (await measureAny('memory-client', args(sink), flags)) as Footprint);
}
