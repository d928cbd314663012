// How long borrowers wait for a lease, by how many connections there are: a queue as a pool has it, first come first served,
// with arrivals and times by chance (exponential).
//   npx tsx bench/sizing.ts [--seed 1] [--leases 500000]
import { parseArgs } from 'node:util';
import { seededRandom } from './herd/random.js';
import { quantile } from './herd/statistics.js';
import { table } from './herd/tables.js';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, leases: { type: 'string', default: '500000' } },
});
const leases = Number(values.leases);

/** How many connections to try, by how many are leased at a time on average. */
const tried: readonly (readonly [busy: number, connections: readonly number[]])[] = [
  [1, [2, 3, 4, 5]],
  [5, [10]],
  [10, [11, 13, 15, 20]],
  [100, [105, 110, 120, 130]],
];

/** The sorted waits of all leases; a lease is held for 1 on average, and `busy` are held at a time. */
function waits(busy: number, connections: number): Float64Array {
  const random = seededRandom(Number(values.seed));
  const draw = (mean: number): number => -mean * Math.log(1 - random());
  const freeFrom = new Float64Array(connections);
  let now = 0;
  const waited = Float64Array.from({ length: leases }, () => {
    now += draw(1 / busy);
    const next = freeFrom.reduce((best, time, index) => (time < (freeFrom[best] ?? 0) ? index : best), 0);
    const begin = Math.max(now, freeFrom[next] ?? 0);
    freeFrom[next] = begin + draw(1);
    return begin - now;
  });
  return waited.toSorted();
}

function row(busy: number, connections: number): string[] {
  const waited = waits(busy, connections);
  const part = (share: number, digits: number): string => `${(100 * share).toFixed(digits)} %`;
  const share = waited.filter((wait) => wait > 0).length / leases;
  const times = [0.5, 0.99, 0.999].map((rank) => quantile(waited, rank).toFixed(2));
  return [String(busy), String(connections), part(busy / connections, 0), part(share, 1), ...times];
}

const head = ['busy', 'connections', 'used', 'have to wait', 'wait p50', 'p99', 'p99.9'];
const rows = tried.flatMap(([busy, counts]) => counts.map((connections) => row(busy, connections)));
console.log(`${leases} leases, begun and held at random; seed ${values.seed}.`);
console.log('busy: how many are lent on average. A wait of 1 is as long as a lease is held on average.\n');
console.log(table([head, ...rows]));
