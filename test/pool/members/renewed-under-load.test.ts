import { expect } from 'vitest';
import { constant, type ConnectionManager } from '../../../src/index.js';
import { it } from '../../support/fixtures.js';
import { HastyServer } from '../../support/hasty-server.js';
import { perRing } from '../../support/per-ring.js';
import { Asker, SteadyLoad } from './steady-load.js';

/** Of an answer and of a life, in milliseconds. */
const latency = 60;
const age = 700;
const perSecond = 200;
/** `CONNMAN_SECONDS=60 npx vitest run --project soak renewed-under-load` takes as long as you like. */
const seconds = Number(process.env['CONNMAN_SECONDS'] ?? perRing({ short: 1.2, soak: 4 }));

/** What became of requests to a server that forgets what it owes when its peer ends, over two connections. */
async function underLoad(manager: ConnectionManager, overlap: boolean): Promise<object> {
  const server = await new HastyServer(latency).start();
  const pool = manager.createPool(`overlap ${overlap}`, () => new Asker(), {
    maxAge: { age, overlap },
    drain: 60_000,
    backoff: constant(0),
    stableAfter: 0,
  });
  const pair = [pool.addConnection(server.endpoint), pool.addConnection(server.endpoint)];
  await pool.ready();
  const load = new SteadyLoad(pool, perSecond);
  let [most, least] = [0, Infinity];
  const sampler = setInterval(() => {
    most = Math.max(most, pool.size);
    least = Math.min(least, pool.readyCount);
  }, 5);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  clearInterval(sampler);
  await load.stop();
  const { lost, refused, answered } = load;
  const lives = pair.map(({ life }) => life);
  const codes = new Set(pair.flatMap(({ handler }) => handler.resets.map(({ code }) => code)));
  console.log(`overlap ${overlap}: ${answered} answered, ${lives.join(' and ')} lives, ${most} at most`);
  await pool.disconnect();
  await server.close();
  const isBusy = answered > (seconds * perSecond) / 4;
  const isRenewed = lives.every((life) => life > seconds / (2 * (age / 1_000)));
  return { lost, refused, codes: [...codes], least, extra: most > 2, isBusy, isRenewed };
}

it(
  'renews lives for their age, and loses nothing',
  { timeout: seconds * 1_000 + 60_000 },
  async ({ manager }) => {
    const whole = { lost: [], refused: [], codes: ['max-age'], isBusy: true, isRenewed: true };
    expect(await Promise.all([underLoad(manager, false), underLoad(manager, true)])).toEqual([
      { ...whole, least: 1, extra: false },
      { ...whole, least: 2, extra: true },
    ]);
  },
);
