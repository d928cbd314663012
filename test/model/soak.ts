/*
 * Many more steps than a test run has time for: `npm run soak`, or `npm run soak -- 200000` for so many. CONNMAN_SEED
 * gives the seed.
 */
import { chooseSeed, runModel } from './run.js';
import type { Tally } from './tally.js';

const steps = Number(process.argv[2] ?? 1_000_000);
const seed = chooseSeed();
const every = 50_000;
const begin = performance.now();
let reported = 0;

function report(tally: Tally): void {
  const done = tally.of('steps');
  if (done - reported < every) return;
  reported = done;
  const seconds = (performance.now() - begin) / 1_000;
  const megabytes = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(
    `${done} steps, ${Math.round(done / seconds)} a second, ${tally.of('lives')} lives, ${megabytes} MB`,
  );
}

async function soak(): Promise<void> {
  console.log(`soak: ${steps} steps, CONNMAN_SEED=${seed}`);
  const tally = await runModel({ steps, seed, progress: report });
  console.log(`${(performance.now() - begin) / 1_000} s: ${tally.summary()}`);
}

soak().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
