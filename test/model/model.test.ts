import { expect } from 'vitest';
import { it } from '../support/fixtures.js';
import { callbackNames } from './order.js';
import { chooseSeed, runModel } from './run.js';
import { perRing } from '../support/per-ring.js';
import { transportNames } from './transport.js';

/** `CONNMAN_SEED=… npx vitest run test/model` repeats a run, as far as TCP allows. */
const seed = chooseSeed();
const steps = perRing({ short: 2_000, soak: 8_000, night: 20_000 });
const resetCodes = ['remote-end', 'error', 'local-end', 'handshake', 'requested', 'retired', 'disconnect'];
const closeCodes = ['disconnect', 'aborted', 'gave-up'];

it('keeps every promise of the contract, whatever the program and the server do', async () => {
  console.log(`model: CONNMAN_SEED=${seed}`);
  const tally = await runModel({ steps, seed });
  console.log(`model: ${tally.summary()}`);
  expect(tally.of('steps')).toBeGreaterThanOrEqual(steps);
  const reached = [
    ...callbackNames.flatMap((name) => [name, `inside ${name}`]),
    ...transportNames.map((name) => `runs over ${name}`),
    ...resetCodes.map((code) => `reset ${code}`),
    ...closeCodes.map((code) => `closed ${code}`),
  ];
  // What is rare takes as many steps as there are at length.
  expect(perRing({ short: [], soak: [], night: reached }).filter((what) => tally.of(what) === 0)).toEqual([]);
}, 240_000);
