import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { expect } from 'vitest';
import type { Endpoint } from '../../src/index.js';
import { startFaultServer } from '../../src/testing/index.js';
import { Fit } from '../balance/chi-squared.js';
import { it } from '../support/fixtures.js';
import { repeat } from '../support/repeat.js';

const [programs, atOnce, count] = [40, 4, 5];

/** Chance alone exceeds it once in twenty million times; with 20 programs for each of two servers, it is 60. */
const limit = 40;

/** Runs it in a thread, with modules and random numbers of its own. */
async function run(program: string, args: readonly Endpoint[]): Promise<Readonly<Record<string, number>>> {
  const file = join(__dirname, '..', 'programs', `${program}.cjs`);
  const worker = new Worker(file, { argv: [JSON.stringify(args)], execArgv: [], stdout: true });
  const [told] = await Promise.all([text(worker.stdout), once(worker, 'exit')]);
  return JSON.parse(told) as Record<string, number>;
}

it('the first requests of 40 programs are spread over 5 servers', async ({ leaks }) => {
  expect(leaks).toBeUndefined();
  const servers = await Promise.all(Array.from({ length: count }, () => startFaultServer()));
  const fits = { soon: new Fit(), late: new Fit(), lent: new Fit() };
  for (const fit of Object.values(fits)) for (const { port } of servers) fit.expect(port, programs / count);
  const endpoints = servers.map(({ endpoint }) => endpoint);
  const inTurn = (): Promise<void> =>
    repeat(programs / atOnce, async () => {
      const ports = await run('first-request', endpoints);
      for (const [way, fit] of Object.entries(fits)) fit.observe(ports[way] ?? 0);
    });
  await Promise.all(Array.from({ length: atOnce }, inTurn));
  for (const [way, { chiSquared }] of Object.entries(fits)) expect(chiSquared, way).toBeLessThan(limit);
  await Promise.all(servers.map((server) => server.close()));
});
