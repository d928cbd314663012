import { expect } from 'vitest';
import { it } from '../../support/fixtures.js';
import { chooseSeed } from '../run.js';
import { runPoolModel } from './pool-run.js';
import { perRing } from '../../support/per-ring.js';

/** `CONNMAN_SEED=… npx vitest run test/model/pool` repeats a run, as far as TCP allows. */
const seed = chooseSeed();
const leases = Number(process.env['CONNMAN_LEASES'] ?? 0);
const steps = perRing({ short: 1_000, soak: 4_000, night: 10_000 });
const resetCodes = [
  'remote-end',
  'error',
  'local-end',
  'handshake',
  'requested',
  'retired',
  'max-age',
  'disconnect',
];
const failures = ['TimeoutError', 'QueueFullError', 'NoConnectionError', 'ClosedError', 'aborted'];
const ends = [
  'forfeited',
  'late writes',
  'writes of zombies',
  'use() in doubt',
  'lasting leases',
  'moves',
  'renewals with overlap',
  'onRetire',
  'unread input',
  'quiet',
];
const reached = [...resetCodes.map((code) => `reset ${code}`), ...failures, ...ends];

it('keeps every promise of a pool, whatever the program, discovery and the servers do', async () => {
  console.log(`pool model: CONNMAN_SEED=${seed}`);
  const tally = await runPoolModel({ steps, leases, seed });
  console.log(`pool model: ${tally.summary()}`);
  expect(tally.of('steps')).toBeGreaterThanOrEqual(steps);
  // What is rare takes as many steps as there are at length.
  expect(perRing({ short: [], soak: [], night: reached }).filter((what) => tally.of(what) === 0)).toEqual([]);
}, 240_000);
