import * as fc from 'fast-check';
import type { PoolProgram } from './pool-program.js';
import type { PoolWorld } from './pool-world.js';

/** What the steps know beforehand: nothing, as each of them makes sense in any state. */
export type NoModel = object;

type Act = (world: PoolWorld) => unknown;

/** One step of a run. */
class PoolStep implements fc.AsyncCommand<NoModel, PoolWorld, true> {
  readonly #label: string;
  readonly #act: Act;

  constructor(label: string, act: Act) {
    this.#label = label;
    this.#act = act;
  }

  check(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async run(_: NoModel, world: PoolWorld): Promise<void> {
    world.findings.note(`* ${this.#label}`);
    world.tally.count('steps');
    await this.#act(world);
    await settled();
    world.check();
    world.findings.throwIfAny();
  }

  toString(): string {
    return this.#label;
  }
}

/** The promises have settled that were going to, and who awaits them has heard of it. */
export async function settled(): Promise<void> {
  // What is done on the same tick may lead to another.
  for (let tick = 0; tick < 3; tick += 1) await new Promise<void>((resolve) => process.nextTick(resolve));
}

export type StepMaker = fc.Arbitrary<PoolStep>;

/** A step of the world. */
export function step(label: string, act: Act): StepMaker {
  return fc.constant(new PoolStep(label, act));
}

/** A step of one of the programs, made from some value. */
export function programStep<T>(
  values: fc.Arbitrary<T>,
  label: (value: T) => string,
  act: (program: PoolProgram, value: T, world: PoolWorld) => unknown,
): StepMaker {
  return fc
    .record({ index: fc.nat(1), value: values })
    .map(
      ({ index, value }) =>
        new PoolStep(`${index}: ${label(value)}`, (world) =>
          act(world.present[index] as PoolProgram, value, world),
        ),
    );
}

/** Any whole number: to choose something by. */
export const anyNumber: fc.Arbitrary<number> = fc.nat(1_000);

/** The chosen one; nothing if there is none. */
export function chosen<T>(items: Iterable<T>, number: number): T | undefined {
  const list = [...items];
  return list[number % list.length];
}
