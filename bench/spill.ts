// What becomes of requests when primaries are lost and there are backups, by the option `spill`: a simulation.
//   npm run bench:spill [-- --requests 200000]
import { parseArgs } from 'node:util';
import { roundRobinBy } from '../src/balance/round-robin.js';
import { ranksOf } from '../src/pool/following/ranks.js';
import type { Rank } from '../src/pool/members/group.js';
import { Roster, type WantedEndpoint } from '../src/pool/members/roster.js';
import { endpointKey } from '../src/discovery/index.js';
import { seededRandom } from './herd/random.js';
import { quantile } from './herd/statistics.js';
import { table } from './herd/tables.js';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '200000' } } });
const requests = Number(values.requests);
const servers = 10;
/** How busy each primary is while all are there. */
const busy = 0.5;

interface Outcome {
  readonly busiest: number;
  readonly toPrimaries: number;
  readonly waits: Float64Array;
}

/** Ten primaries and ten backups, each serves one request after the other, in 1 on average; requests come by chance. */
function simulate(lost: number, spill: number): Outcome {
  const chance = seededRandom(1);
  const draw = (mean: number): number => -mean * Math.log(1 - chance());
  const roster = rosterOf(lost, spill);
  const freeAt = new Map<string, number>();
  const work = new Map<string, number>();
  let [now, primary] = [0, 0];
  const waits = Float64Array.from({ length: requests }, () => {
    now += draw(1 / (busy * servers));
    const { host } = roster.rotation.pick() as unknown as { host: string };
    if (host.startsWith('primary')) primary += 1;
    const begin = Math.max(now, freeAt.get(host) ?? 0);
    const time = draw(1);
    freeAt.set(host, begin + time);
    work.set(host, (work.get(host) ?? 0) + time);
    return begin + time - now;
  });
  return {
    busiest: Math.max(...work.values()) / Math.max(now, ...freeAt.values()),
    toPrimaries: primary / requests,
    waits: waits.toSorted(),
  };
}

/** The connections of a pool with discovery, one to each server, without those to primaries that are lost. */
function rosterOf(lost: number, spill: number): Roster<never> {
  const snapshot = ['primary', 'backup'].flatMap((name, priority) =>
    Array.from({ length: servers }, (_, index) => ({ host: `${name}${index}`, port: 1, priority })),
  );
  const roster = new Roster<never>(roundRobinBy(seededRandom(2)), spill);
  const ranks = ranksOf(snapshot, 1);
  const wanted = snapshot.map((endpoint): [string, WantedEndpoint] => {
    const key = endpointKey(endpoint);
    return [key, { endpoint, rank: ranks.get(key) as Rank }];
  });
  roster.want(new Map(wanted));
  for (const endpoint of snapshot.slice(lost)) {
    const key = endpointKey(endpoint);
    const group = roster.groupOf(key, endpoint, ranks.get(key) ?? {});
    const connection = { state: 'ready' };
    const member = { host: endpoint.host, connection, group, status: 'leaving', index: -1 };
    roster.add(member as never);
  }
  return roster;
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
function inWords(time: number): string {
  return time > 100 ? '> 100' : time.toFixed(1);
}

const head = ['primaries lost', 'spill', 'to primaries', 'busiest server', 'p50', 'p99', ''];
const rows = [0, 2, 4, 5, 6, 8, 9].flatMap((lost) =>
  [0, 0.7, 1].map((spill) => {
    const { busiest, toPrimaries, waits } = simulate(lost, spill);
    const wait = (part: number): string => inWords(quantile(waits, part));
    return [
      `${lost} of ${servers}`,
      spill === 0 ? 'none' : `${spill}`,
      percent(toPrimaries),
      percent(busiest),
      wait(0.5),
      wait(0.99),
      '',
    ];
  }),
);
console.log(
  `${servers} primaries that are ${percent(busy)} busy, ${servers} backups; times in those that a server takes\n`,
);
console.log(table([head, ...rows]));
