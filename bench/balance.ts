// What the strategies of a pool make of servers of unequal speed: a simulation, the same on every machine.
//   npm run bench:balance [-- --requests 100000]
import { parseArgs } from 'node:util';
import { simulate, type Outcome, type Scene } from './balance/simulate.js';
import { sceneOf, strategiesFor } from './balance/strategies.js';
import { quantile } from './herd/statistics.js';
import { table } from './herd/tables.js';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '100000' } } });

function row(name: string, { latencies, requestsPerSecond, shares }: Outcome): string[] {
  return [
    name,
    requestsPerSecond.toFixed(0),
    quantile(latencies, 0.5).toFixed(1),
    quantile(latencies, 0.99).toFixed(1),
    ...shares.map((share) => `${(100 * share).toFixed(1)} %`),
    '',
  ];
}

function print(scene: Scene): void {
  const { connectionsPerServer, serviceTimes, use, users } = scene;
  const slow = serviceTimes.map((time) => `${time} ms`).join(', ');
  console.log(
    `${use}: servers that take ${slow} for a request, ${connectionsPerServer} connections to each,`,
  );
  console.log(`${users} users who each send one request after the other\n`);
  const servers = serviceTimes.map((_, index) => `server ${index + 1}`);
  const head = ['', 'requests/s', 'p50, ms', 'p99, ms', ...servers, ''];
  const rows = strategiesFor(use).map(([name, balancer]) => row(name, simulate(balancer, scene)));
  console.log(`${table([head, ...rows])}\n`);
}

for (const use of ['leases', 'shared'] as const) print(sceneOf(use, Number(values.requests)));
