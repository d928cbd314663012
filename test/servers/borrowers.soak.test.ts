import { expect } from 'vitest';
import { exponential } from '../../src/index.js';
import { it } from '../support/fixtures.js';
import { needsInstalled, startInstalled, type InstalledServer } from '../support/installed-server.js';
import { MemcachedHandler } from '../support/memcached-handler.js';
import { memcached } from '../support/servers.js';
import { Borrowers } from './borrowers.js';

const borrowers = 1_000;
const seconds = 24;
const killEvery = 4;
const connections = 10;
/** How long the server stays away; longer than a borrower waits. */
const downFor = 500;
const acquireTimeout = 400;
const values = new Map(Array.from({ length: 20 }, (_, n) => [`key${n}`, `the value of key ${n}`]));

function pass(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Kills the server again and again, and starts it again each time; resolves with how often. */
async function killAndStart(server: InstalledServer): Promise<number> {
  const end = performance.now() + seconds * 1_000;
  let kills = 0;
  while (performance.now() + killEvery * 1_000 <= end) {
    // oxlint-disable no-await-in-loop -- one after the other
    await pass(killEvery * 1_000 - downFor);
    await server.kill();
    kills += 1;
    await pass(downFor);
    await server.start();
    // oxlint-enable no-await-in-loop
  }
  await pass(Math.max(0, end - performance.now()));
  return kills;
}

function print(borrowed: Borrowers, kills: number): void {
  const { eventLoop, failed, failures, meanTurns, overtakings, right, unfairness } = borrowed;
  const [lateness, excess] = [borrowed.worstLateness.toFixed(1), borrowed.worstExcess.toFixed(1)];
  const spread = `from the unluckiest to the luckiest ${(100 * unfairness).toFixed(1)} % of that`;
  console.log(
    [
      `${borrowers} borrowers of ${connections} connections for ${seconds} s, ${kills} kills of the server:`,
      `${right + failed} requests, ${right} right, ${failed} failed: ${JSON.stringify(failures)}`,
      `past the deadline by ${lateness} ms at most, ${excess} ms more than two turns of the event loop take`,
      `(the longest took ${eventLoop.longest.toFixed(1)} ms)`,
      `${overtakings} overtakings; ${meanTurns.toFixed(1)} turns each, ${spread}`,
    ].join('\n'),
  );
}

it(
  `${borrowers} borrowers of connections to memcached, which is killed every ${killEvery} s`,
  { timeout: seconds * 1_000 + 30_000 },
  async ({ manager, skip }) => {
    needsInstalled(memcached, { skip });
    await using server = await startInstalled(memcached);
    const pool = manager.createPool('memcached', () => new MemcachedHandler(values), {
      acquireTimeout,
      backoff: exponential({ initial: 20, max: 100 }),
    });
    for (let n = 0; n < connections; n += 1) pool.addConnection(server.port, server.host);
    await pool.ready();
    const borrowed = new Borrowers(pool, { borrowers, acquireTimeout, values });
    borrowed.start();
    const kills = await killAndStart(server);
    await borrowed.stop();
    print(borrowed, kills);
    expect(borrowed.wrong).toEqual([]);
    expect(borrowed.unexplained).toEqual([]);
    expect(kills).toBeGreaterThanOrEqual(3);
    expect(Object.keys(borrowed.failures).join()).toMatch(
      /lost: .*no connection in time: |no connection in time: .*lost: /,
    );
    // A few milliseconds; many more where other programs take the processor meanwhile.
    expect(borrowed.worstExcess).toBeLessThanOrEqual(acquireTimeout);
    expect(borrowed.overtakings).toBe(0);
    expect(borrowed.unfairness).toBeLessThanOrEqual(0.1);
    expect(pool.stats()).toMatchObject({ leased: 0, waiting: 0, size: connections });
  },
);
