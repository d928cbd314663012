import * as fc from 'fast-check';
import { anyStep, type Model } from './commands.js';
import { finish } from './finale.js';
import { Findings } from './findings.js';
import type { Setup } from './program.js';
import { readings } from './reading.js';
import { Tally } from './tally.js';
import { transport } from './transport.js';
import { openHandles, watchProcess } from './watch-process.js';
import { World } from './world.js';

/** How much is run, and from which seed. */
export interface RunOptions {
  /** At least so many steps are executed. */
  readonly steps: number;
  readonly seed: number;
  /** Called after every batch of runs. */
  readonly progress?: (tally: Tally) => void;
}

/**
 * The seed to use: that of the environment variable CONNMAN_SEED, or a random one. A failure names the seed of its own
 * batch of runs: given as CONNMAN_SEED, that batch is the first.
 */
export function chooseSeed(): number {
  const given = process.env['CONNMAN_SEED'];
  return given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
}

const setup: fc.Arbitrary<Setup> = fc.record({
  transport,
  reading: fc.constantFrom(...readings),
  allowHalfOpen: fc.boolean(),
  maxAttempts: fc.constantFrom(undefined, undefined, 2),
  // Ends the handshakes over TLS that get no answer.
  connectTimeout: fc.constantFrom(10, 50),
  highWaterMark: fc.constantFrom(undefined, 0, 100),
  autoCork: fc.boolean(),
  encoding: fc.constantFrom(undefined, 'utf8', 'utf8', 'latin1'),
  lastDrop: fc.constantFrom('reset', 'end'),
});

const longestRun = 200;
const runsPerBatch = 20;
/** Where every failing run takes long, it is not made as short as it could be. */
const longestSearch = 60_000;

/** Runs random steps until there were enough; rejects with the shortest failing run it can find. */
export async function runModel({ steps, seed, progress }: RunOptions): Promise<Tally> {
  const tally = new Tally();
  const property = fc.asyncProperty(
    setup,
    fc.commands([anyStep], { maxCommands: longestRun, size: 'max' }),
    (how, commands) => runOnce(how, commands, tally),
  );
  for (let batch = 0; tally.of('steps') < steps; batch++) {
    await fc.assert(property, {
      seed: seed + batch,
      numRuns: runsPerBatch,
      interruptAfterTimeLimit: longestSearch,
    });
    progress?.(tally);
  }
  return tally;
}

async function runOnce(
  how: Setup,
  commands: Iterable<fc.AsyncCommand<Model, World, true>>,
  tally: Tally,
): Promise<void> {
  const findings = new Findings();
  const unwatch = watchProcess(findings);
  const handles = openHandles();
  const world = await World.start(how, findings, tally);
  tally.count('runs');
  tally.count(`runs over ${how.transport.name}`);
  try {
    const model: Model = { isListening: true, isSecure: how.transport.isSecure, isLeaving: false };
    await fc.asyncModelRun(() => ({ model, real: world }), commands);
    await finish(world);
    const isClean = await world.until(() => openHandles() <= handles, 1_000);
    findings.expect(
      isClean,
      () => `${openHandles() - handles} handles left: ${process.getActiveResourcesInfo().join()}`,
    );
    findings.throwIfAny();
  } finally {
    for (const { connection } of world.programs) void connection.disconnect({ grace: 0 });
    await world.site.close();
    unwatch();
  }
}
