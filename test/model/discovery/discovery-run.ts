import * as fc from 'fast-check';
import { withFakeTime } from '../../support/fake-time.js';
import { Findings } from '../findings.js';
import type { RunOptions } from '../run.js';
import { Tally } from '../tally.js';
import { watchProcess } from '../watch-process.js';
import { DiscoveryWorld, type DiscoverySetup } from './discovery-world.js';
import type { Fault } from './registry.js';

interface Step {
  readonly text: string;
  readonly act: (world: DiscoveryWorld) => unknown;
}

function step<T>(
  what: string,
  arbitrary: fc.Arbitrary<T>,
  act: (world: DiscoveryWorld, value: T) => unknown,
) {
  return arbitrary.map((value): Step =>
    Object.assign(
      { text: `${what} ${JSON.stringify(value)}`, act: (world: DiscoveryWorld) => act(world, value) },
      { [fc.toStringMethod]: () => `${what} ${JSON.stringify(value)}` },
    ),
  );
}

const server = fc.nat(4);
const endpoint = fc.record({
  server,
  priority: fc.constantFrom(undefined, undefined, 0, 1),
  weight: fc.constantFrom(undefined, undefined, 0, 1, 3),
});
const list = fc.uniqueArray(endpoint, { selector: (each) => each.server, minLength: 1, maxLength: 5 });
const fault = fc.constantFrom<Fault>(
  'none',
  'none',
  'none',
  'throws',
  'empty',
  'garbage',
  'in part',
  'slow',
  'ends',
);

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: step('list', fc.tuple(list, fc.boolean()), ({ registry, servers }, [endpoints, isTold]) => {
      registry.list = endpoints.map(({ server: index, priority, weight }) => ({
        ...(servers[index]?.endpoint as { host: string; port: number }),
        ...(priority !== undefined && { priority }),
        ...(weight !== undefined && { weight }),
      }));
      if (isTold) registry.wake();
    }),
  },
  {
    weight: 3,
    arbitrary: step('fault', fault, ({ registry }, kind) => {
      registry.fault = kind;
      registry.wake();
    }),
  },
  { weight: 3, arbitrary: step('refuse', server, ({ servers }, index) => servers[index]?.refuse()) },
  { weight: 3, arbitrary: step('listen', server, ({ servers }, index) => servers[index]?.listen()) },
  { weight: 4, arbitrary: step('drop', server, ({ servers }, index) => servers[index]?.dropAll('reset')) },
  {
    weight: 2,
    arbitrary: step(
      'log-ins',
      fc.tuple(server, fc.boolean()),
      ({ refusing, servers }, [index, isRefused]) => {
        const { port = 0 } = servers[index] ?? {};
        if (isRefused) refusing.add(port);
        else refusing.delete(port);
      },
    ),
  },
  {
    weight: 1,
    arbitrary: step('the factory throws', fc.constant(0), (world) => (world.factoryFails = true)),
  },
  {
    weight: 4,
    arbitrary: step('remove', fc.tuple(fc.nat(9), fc.nat(4)), ({ pool }, [index, how]) => {
      const connection = [...pool][index % Math.max(1, pool.size)];
      if (!connection || connection.state === 'closed') return;
      if (how === 0) void pool.removeConnection(connection);
      else if (how === 1) void pool.removeConnection(connection, { drain: 30 });
      else if (how === 2) void connection.disconnect({ grace: 0 });
      else if (how === 3) void connection.retire();
      else connection.reset();
    }),
  },
  {
    weight: 3,
    arbitrary: step('resize', fc.integer({ min: 1, max: 3 }), (world, count) => world.resize(count)),
  },
  { weight: 1, arbitrary: step('refresh', fc.constant(0), (world) => world.refresh()) },
  {
    weight: 3,
    arbitrary: step('lease', fc.boolean(), ({ leases, pool }, isGiven) => {
      const lease = isGiven ? pool.tryAcquire() : undefined;
      if (lease) leases.push(lease);
      else leases.shift()?.release();
    }),
  },
  {
    weight: 5,
    arbitrary: step('pass', fc.constantFrom(1, 25, 60, 350, 2_000, 31_000), (world, time) =>
      world.pass(time),
    ),
  },
  {
    weight: 5,
    arbitrary: step('turns', fc.integer({ min: 1, max: 4 }), (world, count) => world.turns(count)),
  },
  { weight: 1, arbitrary: step('quiet', fc.constant(0), (world) => world.makeQuiet()) },
);

const setup: fc.Arbitrary<DiscoverySetup> = fc.record({
  perEndpoint: fc.integer({ min: 1, max: 3 }),
  subset: fc.constantFrom(undefined, undefined, undefined, 1, 2),
  maxStale: fc.constantFrom(Infinity, Infinity, 500, 40_000),
  maxAttempts: fc.constantFrom(Infinity, 1, 2),
  drain: fc.constantFrom(0, 50, 10_000),
});

const runsPerBatch = 4;

/** Runs random steps until there were enough; rejects with the shortest failing run it can find. */
export async function runDiscoveryModel({ steps: most, seed, progress }: RunOptions): Promise<Tally> {
  const tally = new Tally();
  const property = fc.asyncProperty(
    setup,
    fc.array(steps, { minLength: 50, maxLength: 200, size: 'max' }),
    (how, all) => withFakeTime(() => runOnce(how, all, tally)),
  );
  for (let batch = 0; tally.of('steps') < most; batch += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one batch after the other
    await fc.assert(property, {
      seed: seed + batch,
      numRuns: runsPerBatch,
      interruptAfterTimeLimit: 60_000,
      endOnFailure: true,
    });
    progress?.(tally);
  }
  return tally;
}

async function runOnce(how: DiscoverySetup, all: readonly Step[], tally: Tally): Promise<void> {
  const findings = new Findings();
  const unwatch = watchProcess(findings);
  const world = await DiscoveryWorld.start(how, findings, tally);
  tally.count('runs');
  /* oxlint-disable no-await-in-loop -- one step after the other */
  try {
    for (const { text, act } of all) {
      findings.note(`* ${text}`);
      tally.count('steps');
      await act(world);
      await world.turns(1);
      world.check();
      findings.throwIfAny();
    }
    await world.makeQuiet();
  } finally {
    await world.stop();
    unwatch();
  }
  /* oxlint-enable no-await-in-loop */
  findings.throwIfAny();
}
