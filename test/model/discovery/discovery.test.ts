import { expect } from 'vitest';
import { it } from '../../support/fixtures.js';
import { perRing } from '../../support/per-ring.js';
import { chooseSeed } from '../run.js';
import { runDiscoveryModel } from './discovery-run.js';

/** `CONNMAN_SEED=… npx vitest run test/model/discovery` repeats a run, as far as TCP allows; CONNMAN_STEPS says how long it is. */
const seed = chooseSeed();
const steps = Number(process.env['CONNMAN_STEPS'] ?? perRing({ short: 300, soak: 1_500 }));

it('a pool has what discovery wants, whatever discovery, the servers and the program do', async () => {
  console.log(`discovery model: CONNMAN_SEED=${seed}`);
  const tally = await runDiscoveryModel({ steps, seed });
  console.log(`discovery model: ${tally.summary()}`);
  expect(tally.of('steps')).toBeGreaterThanOrEqual(steps);
  const reached = ['quiet', 'carried out', 'dials', 'closed: gave-up', 'closed: disconnect'];
  expect(perRing({ short: [], soak: reached }).filter((what) => tally.of(what) === 0)).toEqual([]);
}, 600_000);
