import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.js';
import { longestWait, World } from './model-world.js';
import type { ScriptedRequester } from './scripted-requester.js';
import { perRing } from '../support/per-ring.js';

type Step = (world: World) => void;

const numRuns = perRing({ short: 60, soak: 250, night: 600 });

/** Does something to one of those who are in such a place, if anybody is. */
function one(
  places: readonly ScriptedRequester['where'][],
  name: string,
  act: (world: World, requester: ScriptedRequester) => void,
): fc.Arbitrary<Step> {
  return fc.nat().map((number) => {
    const step: Step = (world) => {
      const there = world.in(...places);
      const requester = there[number % there.length];
      if (requester) act(world, requester);
    };
    return Object.assign(step, { [fc.toStringMethod]: () => `${name}(${number})` });
  });
}

const arrives = fc
  .record({ kind: fc.nat(3), stableAfter: fc.constantFrom(0, 200), isReferenced: fc.boolean() })
  .map((how): Step =>
    Object.assign(
      (world: World) => {
        const requester = world.add(how.kind, how.stableAfter);
        requester.isReferenced = how.isReferenced;
        world.arrive(requester);
      },
      { [fc.toStringMethod]: () => `arrives(${JSON.stringify(how)})` },
    ),
  );

/** What code of the user's may do, also from inside of the gate. */
const ofProgram = [
  arrives,
  one(['waiting', 'dialling', 'alive'], 'disconnects', (world, each) => world.disconnect(each)),
  one(['waiting'], 'is urgent', (world, each) => world.makeUrgent(each)),
  one(['waiting'], 'goes elsewhere', (world, each) => world.leave(each)),
  one(['waiting', 'dialling', 'alive'], 'is referenced', (_, each) => each.reference(!each.isReferenced)),
  one(['waiting'], 'is wanted', (_, each) => {
    each.isWanted = !each.isWanted;
  }),
];

const mischief = fc.oneof(...ofProgram).map((act): Step =>
  Object.assign((world: World) => void world.mischief.push(() => act(world)), {
    [fc.toStringMethod]: () => `inside: ${fc.stringify(act)}`,
  }),
);

const passes = fc.constantFrom(1, 5, 13, 60, 250, longestWait).map((milliseconds): Step =>
  Object.assign((world: World) => world.pass(milliseconds), {
    [fc.toStringMethod]: () => `pass(${milliseconds})`,
  }),
);

const succeeds = one(['dialling'], 'succeeds', (world, each) => world.succeed(each));

const step = fc.oneof(
  { weight: 2, arbitrary: arrives },
  { weight: 3, arbitrary: fc.oneof(...ofProgram) },
  { weight: 1, arbitrary: mischief },
  { weight: 6, arbitrary: passes },
  { weight: 4, arbitrary: succeeds },
  { weight: 3, arbitrary: one(['dialling'], 'fails', (world, each) => world.fail(each, 'normal')) },
  { weight: 1, arbitrary: one(['dialling'], 'fails over', (world, each) => world.fail(each, 'outside')) },
  { weight: 1, arbitrary: one(['dialling'], 'fails, urgent', (world, each) => world.fail(each, 'urgent')) },
  { weight: 1, arbitrary: one(['outside'], 'comes', (world, each) => world.enter(each, false)) },
  { weight: 1, arbitrary: one(['outside'], 'comes, urgent', (world, each) => world.enter(each, true)) },
  { weight: 4, arbitrary: one(['alive'], 'is lost', (world, each) => world.lose(each, 'endpoint')) },
  { weight: 1, arbitrary: one(['alive'], 'ends its life', (world, each) => world.lose(each, 'owner')) },
);

beforeEach(useFakeTime);
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test('every requester has its turn, no turn is lost, and there is one timer at most', async () => {
  let dials = 0;
  const many = fc.array(step, { minLength: 1, maxLength: 120, size: 'max' });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(1, 2, 3, 8, 256), many, async (widest, steps) => {
      vi.clearAllTimers();
      vi.restoreAllMocks();
      const world = new World(widest);
      for (const act of steps) {
        act(world);
        world.check();
      }
      // Shared failures are told of in a turn of their own.
      await new Promise<void>((resolve) => process.nextTick(resolve));
      world.settle();
      for (const each of world.all) {
        dials += each.dials;
        world.disconnect(each);
      }
      world.check();
    }),
    { numRuns },
  );
  expect(dials).toBeGreaterThan(2 * numRuns);
});
