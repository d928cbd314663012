/*
 * Much more than a test run has time for: steps of the model of a connection, then hostile values, then steps of the model
 * of a pool. `npm run soak`, or `npm run soak -- 200000 50000 100000` for so many of each. CONNMAN_SEED gives the seed,
 * CONNMAN_LEASES how many leases the last part takes at least. The model of discovery needs fake time: `CONNMAN_STEPS=50000 npx vitest run --project socket test/model/discovery`.
 */
import { runFuzz } from '../fuzz/run.js';
import { runPoolModel } from './pool/pool-run.js';
import { chooseSeed, runModel } from './run.js';
import type { Tally } from './tally.js';

const steps = Number(process.argv[2] ?? 1_000_000);
const values = Number(process.argv[3] ?? 1_000_000);
const poolSteps = Number(process.argv[4] ?? 1_000_000);
const leases = Number(process.env['CONNMAN_LEASES'] ?? 0);
const seed = chooseSeed();
const every = 50_000;

/** Tells from time to time how far it is, by what is counted under this name. */
function reporter(name: string): (tally: Tally) => void {
  const begin = performance.now();
  let reported = 0;
  return (tally) => {
    const done = tally.of(name);
    if (done - reported < every) return;
    reported = done;
    const seconds = (performance.now() - begin) / 1_000;
    const megabytes = Math.round(process.memoryUsage().rss / 2 ** 20);
    const others = ['lives', 'leases', 'marks', 'forfeited'].filter((what) => tally.of(what) > 0);
    const counts = others.map((what) => `${tally.of(what)} ${what}, `).join('');
    console.log(`${done} ${name}, ${Math.round(done / seconds)} a second, ${counts}${megabytes} MB`);
  };
}

async function part(what: string, run: () => Promise<Tally>): Promise<void> {
  const begin = performance.now();
  console.log(`soak: ${what}, CONNMAN_SEED=${seed}`);
  const tally = await run();
  console.log(`${(performance.now() - begin) / 1_000} s: ${tally.summary()}`);
}

async function soak(): Promise<void> {
  await part(`${steps} steps`, () => runModel({ steps, seed, progress: reporter('steps') }));
  await part(`${values} hostile values`, () =>
    runFuzz({ attempts: values, seed, progress: reporter('attempts') }),
  );
  await part(`${poolSteps} steps with pools`, () =>
    runPoolModel({ steps: poolSteps, leases, seed, progress: reporter('steps') }),
  );
}

soak().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
