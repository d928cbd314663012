// What `subset` spares a large fleet, and what it costs: how evenly the connections lie, and what moves when servers do.
//   npx tsx bench/subset.ts [--seed 1] [--programs 1000] [--servers 1000]
import { parseArgs } from 'node:util';
import { seededRandom } from './herd/random.js';
import { addition, choose, type Fleet, removal, replacement, spreadOf } from './subset/simulate.js';
import { moveTable, type Result, spreadTable, totalTable } from './subset/tables.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    programs: { type: 'string', default: '1000' },
    servers: { type: 'string', default: '1000' },
  },
});
const sizes = [5, 10, 20, 50, 100];
const changes = 100;
const random = seededRandom(Number(values.seed));
const below = (bound: number): number => Math.floor(random() * bound);

/** Addresses and names as they are given out: near each other, or drawn. */
const addresses = new Set<string>();
while (addresses.size < 2 * Number(values.servers) + changes) {
  addresses.add(`10.${below(16)}.${below(256)}.${below(254) + 1}:11211`);
}
const [servers, others] = split([...addresses], Number(values.servers));
const programs = Array.from(
  { length: Number(values.programs) },
  (_, index) => `web-${index >> 2}:${below(65_536)}`,
);
const fleet: Fleet = { programs, servers };

function split<T>(list: readonly T[], at: number): [T[], T[]] {
  return [list.slice(0, at), list.slice(at)];
}

function run(size: number): Result {
  const choices = choose(fleet, size);
  const [newServers, newcomers] = split(others, servers.length);
  return {
    size,
    spread: spreadOf(choices, servers),
    removals: newcomers.map(() => removal(fleet, size, choices, servers[below(servers.length)] ?? '')),
    additions: newcomers.map((coming) => addition(fleet, size, choices, coming)),
    replacement: replacement(fleet, size, newServers),
  };
}

const results = sizes.filter((size) => size < servers.length).map(run);
const each = `each of ${programs.length} programs, one connection to each server that it chose`;
console.log(`${servers.length} servers, ${each}; seed ${values.seed}.\n`);
console.log(`${spreadTable(results, fleet)}\n`);
const tables = [
  [`One server goes (${changes} tried)`, 'removals'],
  [`One server comes (${changes} tried)`, 'additions'],
  ['One server is replaced by another, until all are', 'replacement'],
] as const;
for (const [title, key] of tables) {
  console.log(
    `${moveTable(
      title,
      results.map((result) => [result.size, result[key]]),
    )}\n`,
  );
}
console.log(totalTable(results, fleet));
