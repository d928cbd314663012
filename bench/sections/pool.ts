import { installPeers } from '../install-peers.js';
import type { LenderName } from '../lenders/index.js';
import { measure, withServer } from '../processes.js';
import { borrowerCount, type WayName } from '../programs/borrowers.js';
import { interleave } from '../ratios.js';
import { printGains, printRates, type Gain } from '../report.js';

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

/** Leases per second, of connman and of its peers; says whether all targets are met. */
export async function pool(rounds: number): Promise<boolean> {
  const versions = installPeers();
  console.log(`Leases of ${connections} open connections, thousands per second of CPU, ${rounds} rounds`);
  console.log(`Beside ${versions.join(', ')}`);
  const rates = await measureAll(rounds);
  printRates(
    lenders,
    Object.entries(titles).map(([way, name]) => ({
      name,
      rates: lenders.map((lender) => rates(lender, way as WayName)),
    })),
  );
  return printGains(gains(rates));
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
    against('aloneAtOnce', 'tarn', 50, 'alone'),
    against('crowd', 'tarn', 4),
    against('crowd', 'lightning-pool', 1),
    against('crowd', 'generic-pool', 1),
    against('crowd', 'cueball', 1),
    ...peers.map((peer) => against('crowdForATurn', peer)),
  ];
}
