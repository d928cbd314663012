import * as fc from 'fast-check';
import { Findings } from '../findings.js';
import type { RunOptions } from '../run.js';
import { Tally } from '../tally.js';
import { watchProcess, openHandles } from '../watch-process.js';
import { eventStep } from './event-steps.js';
import { leaseStep } from './lease-steps.js';
import { finishPools } from './pool-finale.js';
import { setups, type PoolSetup } from './pool-setup.js';
import type { NoModel } from './pool-step.js';
import { PoolWorld } from './pool-world.js';

const anyStep = fc.oneof({ weight: 3, arbitrary: leaseStep }, { weight: 1, arbitrary: eventStep });

const longestRun = 400;
const runsPerBatch = 10;
/** Where every failing run takes long, it is not made as short as it could be. */
const longestSearch = 60_000;

/** How much is run. */
export interface PoolRunOptions extends RunOptions {
  /** At least so many leases are taken. */
  readonly leases?: number;
  /** Whether a failing run is not made shorter. */
  readonly isQuick?: boolean;
}

/** Runs random steps until there were enough; rejects with the shortest failing run it can find. */
export async function runPoolModel({
  steps,
  leases = 0,
  seed,
  progress,
  isQuick = false,
}: PoolRunOptions): Promise<Tally> {
  const tally = new Tally();
  const property = fc.asyncProperty(
    setups,
    fc.commands([anyStep], { maxCommands: longestRun, size: 'max' }),
    (how, commands) => runOnce(how, commands, tally),
  );
  for (let batch = 0; tally.of('steps') < steps || tally.of('leases') < leases; batch += 1) {
    await fc.assert(property, {
      seed: seed + batch,
      numRuns: runsPerBatch,
      interruptAfterTimeLimit: longestSearch,
      endOnFailure: isQuick,
    });
    progress?.(tally);
  }
  return tally;
}

async function runOnce(
  how: readonly PoolSetup[],
  commands: Iterable<fc.AsyncCommand<NoModel, PoolWorld, true>>,
  tally: Tally,
): Promise<void> {
  const findings = new Findings();
  const unwatch = watchProcess(findings);
  const handles = openHandles();
  const world = await PoolWorld.start(how, findings, tally);
  tally.count('runs');
  try {
    await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
    await finishPools(world);
    await Promise.all(world.servers.map((server) => server.close()));
    const isClean = await world.until(() => openHandles() <= handles, 3_000);
    findings.expect(isClean, () => `left: ${process.getActiveResourcesInfo().join()}`);
    findings.throwIfAny();
  } finally {
    void world.manager.disconnectAll({ grace: 0 });
    await Promise.all(world.servers.map((server) => server.close()));
    world.leave();
    unwatch();
  }
}
