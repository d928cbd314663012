import { expect } from 'vitest';
import { chooseSeed } from '../model/run.js';
import { it } from '../support/fixtures.js';
import { runFuzz } from './run.js';
import { perRing } from '../support/per-ring.js';

/** `CONNMAN_SEED=… npx vitest run test/fuzz` repeats a run; `npm run soak` tries a million. */
const seed = chooseSeed();
const attempts = perRing({ short: 4_000, soak: 20_000 });

it('hostile options and endpoints are refused clearly, or are valid', async () => {
  console.log(`fuzz: CONNMAN_SEED=${seed}`);
  const tally = await runFuzz({ attempts, seed });
  console.log(`fuzz: ${tally.summary()}`);
  for (const outcome of ['accepted', 'refused', 'thrown by the value']) {
    expect(tally.of(outcome), outcome).toBeGreaterThan(attempts / 100);
  }
});
