import { explained, say, type Finding } from '../findings.js';
import type { LenderName } from '../lenders/index.js';
import type { Part } from '../part.js';
import { measure, withServer } from '../processes.js';
import { borrowerCount, type WayName } from '../programs/borrowers.js';
import { barPlot } from '../plots/bars.js';
import { interleave, spread } from '../ratios.js';
import { gainTable, rateTable, type Gain } from '../report.js';

const connections = 10;
const peers = ['tarn', 'lightning-pool', 'generic-pool', 'cueball'] as const satisfies LenderName[];
const lenders: readonly LenderName[] = ['connman', ...peers];

/** Who borrows in which way. */
interface Case {
  readonly lender: LenderName;
  readonly way: WayName;
}

const titles = {
  alone: 'acquire, release',
  aloneAtOnce: 'tryAcquire, release',
  crowd: `${borrowerCount} borrowers`,
  crowdForATurn: `${borrowerCount} borrowers, each for a turn`,
} as const satisfies Record<WayName, string>;

/** Of the ways, which peers have them: tryAcquire is connman's own. */
const cases: readonly Case[] = [
  ...lenders.map((lender) => ({ lender, way: 'alone' }) as const),
  { lender: 'connman', way: 'aloneAtOnce' },
  ...lenders.map((lender) => ({ lender, way: 'crowd' }) as const),
  ...lenders.map((lender) => ({ lender, way: 'crowdForATurn' }) as const),
];

type Rates = (lender: LenderName, way: WayName) => readonly number[];

/** How fast pools lend. */
export const lease: Part = {
  title: 'Leases',
  rounds: 4,
  minutes: 8,
  quickRounds: 1,
  peers,
  async run(rounds) {
    const rates = await measureAll(rounds);
    const rows = Object.entries(titles).map(([way, name]) => ({
      name,
      rates: lenders.map((lender) => rates(lender, way as WayName)),
    }));
    return [
      introduction,
      picture(rates),
      rateTable(lenders, rows),
      ...explained(gainTable(gains(rates)), why),
    ];
  },
};

const introduction: Finding = say(
  `Leases of ${connections} open connections, in thousands per second of CPU. All pools have their defaults and validate ` +
    'nothing; each lends plain sockets that are already open, and the census of the server says so. `tryAcquire` is ' +
    "connman's own.",
);

const why =
  'What is missed by less than a peer differs from itself, one round to the next, this run does not decide.';

function picture(rates: Rates): Finding {
  const bar = (name: string, lender: LenderName, way: WayName): { name: string; value: number } => ({
    name,
    value: spread(rates(lender, way)).median / 1_000,
  });
  return barPlot({
    name: 'leases',
    title: 'Leases per second of CPU',
    unit: 'thousands',
    format: ',.0f',
    bars: [
      bar('connman, tryAcquire()', 'connman', 'aloneAtOnce'),
      ...lenders.map((lender) => bar(lender, lender, 'alone')),
    ],
  });
}

async function measureAll(rounds: number): Promise<Rates> {
  const named = new Map(cases.map((each) => [keyOf(each), each]));
  const values = await interleave([...named.keys()], rounds, (key) => {
    const found = named.get(key);
    if (!found) throw new TypeError(`expected a case, got ${key}`);
    return run(found);
  });
  return (lender, way) => values(keyOf({ lender, way }));
}

function keyOf({ lender, way }: Case): string {
  return `${way} ${lender}`;
}

/** With a server of its own, which counts the connections of this one alone. */
function run({ lender, way }: Case): Promise<number> {
  return withServer(({ hold, census }) =>
    measure('lease-client', [lender, way, String(connections), String(hold), String(census)]),
  );
}

function gains(rates: Rates): readonly Gain[] {
  const against = (way: WayName, peer: LenderName, target?: number, peerWay: WayName = way): Gain => ({
    name: `${titles[way]}: connman / ${peer}${peerWay === way ? '' : ` (${titles[peerWay]})`}`,
    subject: rates('connman', way),
    control: rates(peer, peerWay),
    ...(target === undefined ? {} : { target }),
  });
  return [
    against('alone', 'tarn', 8),
    against('alone', 'lightning-pool', 2),
    against('alone', 'generic-pool'),
    against('alone', 'cueball'),
    against('aloneAtOnce', 'tarn', 30, 'alone'),
    against('crowd', 'tarn', 4),
    against('crowd', 'lightning-pool', 1),
    against('crowd', 'generic-pool', 1),
    against('crowd', 'cueball', 1),
    ...peers.map((peer) => against('crowdForATurn', peer)),
  ];
}
