import * as fc from 'fast-check';
import { expect, vi } from 'vitest';
import { ConnectionManager } from '../../src/index.js';
import { startFaultServer } from '../../src/testing/index.js';
import { useFakeTime } from '../support/fake-time.js';
import { it } from '../support/fixtures.js';
import { perRing } from '../support/per-ring.js';
import { Counts, stall, timeout, World, type Plan, type Setup } from './model-world.js';

const steps = perRing({ short: 3_000, soak: 25_000, night: 100_000 });
const stepsPerRun = 150;

type Step = (world: World) => void | Promise<void>;

function step<Argument>(
  name: string,
  argument: fc.Arbitrary<Argument>,
  act: (world: World, argument: Argument) => void | Promise<void>,
): fc.Arbitrary<Step> {
  return argument.map((given) =>
    Object.assign((world: World) => act(world, given), {
      [fc.toStringMethod]: () => `${name}(${fc.stringify(given)})`,
    }),
  );
}

const plan: fc.Arbitrary<Plan> = fc.record({
  timeout: fc.constantFrom(undefined, undefined, undefined, 20, 2 * timeout, 5 * timeout),
  canAbort: fc.boolean(),
  after: fc.oneof(
    { weight: 12, arbitrary: fc.constant<Plan['after']>('nothing') },
    { weight: 3, arbitrary: fc.constant<Plan['after']>('send') },
    { weight: 1, arbitrary: fc.constantFrom<Plan['after']>('reset', 'end', 'abort all') },
  ),
});
const milliseconds = fc.constantFrom(1, 5, 20, timeout, 1.5 * timeout, stall, stall + 20);

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 40, arbitrary: step('send', plan, (world, how) => world.send(how)) },
  { weight: 30, arbitrary: step('answer', fc.nat(), (world, choice) => world.answer(choice)) },
  { weight: 8, arbitrary: step('abort', fc.nat(), (world, choice) => world.abort(choice)) },
  { weight: 8, arbitrary: step('pass', milliseconds, (world, time) => world.pass(time)) },
  { weight: 8, arbitrary: step('come back', fc.constant(0), (world) => world.comeBack()) },
  { weight: 2, arbitrary: step('drop', fc.constantFrom('reset', 'end'), (world, how) => world.drop(how)) },
  { weight: 2, arbitrary: step('retire', fc.constant(0), ({ connection }) => void connection.retire()) },
  { weight: 1, arbitrary: step('reset', fc.constant(0), ({ connection }) => connection.reset()) },
  {
    weight: 1,
    arbitrary: step('end', fc.constant(0), ({ connection }) => void connection.socket.end()),
  },
);

const setup: fc.Arbitrary<Setup> = fc.record({
  isKeyed: fc.boolean(),
  limit: fc.constantFrom(1, 5, 20, Infinity),
});

it('no answer is wrong, and every promise settles, whatever happens in whatever order', async () => {
  const counts = new Counts();
  const many = fc.array(anyStep, { minLength: stepsPerRun, maxLength: stepsPerRun, size: 'max' });
  await fc.assert(
    fc.asyncProperty(setup, many, async (how, program) => {
      await using server = await startFaultServer();
      const manager = new ConnectionManager();
      useFakeTime();
      try {
        const world = new World(manager, server, how, counts);
        await world.comeBack();
        for (const act of program) {
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          await act(world);
          // oxlint-disable-next-line no-await-in-loop
          await world.check();
        }
        await world.finish();
      } finally {
        vi.useRealTimers();
        await manager.disconnectAll({ grace: 0 });
      }
    }),
    {
      numRuns: Math.ceil(steps / stepsPerRun),
      interruptAfterTimeLimit: 200_000,
      markInterruptAsFailure: true,
    },
  );
  console.log(`requests: ${counts.summary}`);
  for (const what of ['answered', 'LifeEndedError', 'TimeoutError', 'RangeError', 'ClosedError', 'lives'])
    expect(counts.of(what), what).toBeGreaterThan(10);
  expect(counts.of('QueueFullError')).toBeGreaterThan(0);
}, 240_000);
