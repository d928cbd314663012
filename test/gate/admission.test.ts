import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AdmissionWorld } from './admission-world.js';
import { perRing } from '../support/per-ring.js';

type Step = (world: AdmissionWorld) => void;

const index = fc.nat(300);
const delay = fc.constantFrom(0, 10, 300, 5_000);
const time = fc.constantFrom(0, 1, 2, 12, 40, 400, 999, 1_000, 6_000);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(fc.constantFrom('urgent', 'new', 'normal'), fc.nat(300)).map(
      ([urgency, waiting]): Step =>
        (world) =>
          world.open(urgency, waiting),
    ),
  },
  {
    weight: 6,
    arbitrary: time.map(
      (milliseconds): Step =>
        (world) =>
          world.pass(milliseconds),
    ),
  },
  {
    weight: 6,
    arbitrary: index.map(
      (each): Step =>
        (world) =>
          world.succeed(each),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(index, delay).map(
      (each): Step =>
        (world) =>
          world.fail(...each),
    ),
  },
  {
    weight: 1,
    arbitrary: index.map(
      (each): Step =>
        (world) =>
          world.abandon(each),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>((world) => world.arriveAlone()) },
  { weight: 1, arbitrary: fc.constant<Step>((world) => world.empty()) },
  {
    weight: 4,
    arbitrary: fc.tuple(index, fc.constantFrom(true, true, false), fc.boolean(), delay).map(
      (each): Step =>
        (world) =>
          world.lose(...each),
    ),
  },
);

test('an admission keeps its rules, whatever happens', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2, 3, 8, 100, 256),
      fc.array(step, { maxLength: 80, size: 'max' }),
      (widest, steps) => {
        const world = new AdmissionWorld(widest);
        for (const act of steps) {
          // A gate looks at the time before it looks at anything else.
          world.pass(0);
          act(world);
          world.check();
          seen.add(world.health);
        }
      },
    ),
    { numRuns: perRing({ short: 200, soak: 1_200 }) },
  );
  expect([...seen].toSorted()).toEqual(['failing', 'flapping', 'good', 'lost']);
});
