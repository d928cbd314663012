import * as fc from 'fast-check';
import { action } from './actions.js';
import { treatment } from './faults.js';
import { callbackNames } from './order.js';
import { security } from './security.js';
import { turns } from './program.js';
import type { Outcome, Scene } from './stage.js';
import type { World } from './world.js';

/** What the commands know beforehand: which of them make sense. */
export interface Model {
  isListening: boolean;
  /** Whether connections speak TLS. */
  readonly isSecure: boolean;
  /** Whether the present program is closing or closed. */
  isLeaving: boolean;
}

type Act = (world: World, model: Model) => void | Promise<void>;

/** One step of a run. */
class Step implements fc.AsyncCommand<Model, World, true> {
  readonly #label: string;
  readonly #act: Act;
  readonly #makesSense: (model: Readonly<Model>) => boolean;

  constructor(label: string, act: Act, makesSense: (model: Readonly<Model>) => boolean = () => true) {
    this.#label = label;
    this.#act = act;
    this.#makesSense = makesSense;
  }

  check(model: Readonly<Model>): Promise<boolean> {
    return Promise.resolve(this.#makesSense(model));
  }

  async run(model: Model, world: World): Promise<void> {
    world.findings.note(`* ${this.#label}`);
    world.tally.count('steps');
    await this.#act(world, model);
    world.check();
    world.findings.throwIfAny();
    model.isLeaving = world.program.isLeaving;
  }

  toString(): string {
    return this.#label;
  }
}

type StepMaker = fc.Arbitrary<Step>;

const step = (...args: ConstructorParameters<typeof Step>): StepMaker => fc.constant(new Step(...args));

const now: StepMaker = action.map(
  ({ label, act }) =>
    new Step(
      label,
      (world) => world.program.perform({ label, act }),
      (model) => !model.isLeaving,
    ),
);

/** The same in states in which little can happen. */
const afterwards: StepMaker = action.map(
  ({ label, act }) =>
    new Step(
      label,
      (world) => world.program.perform({ label, act }),
      (model) => model.isLeaving,
    ),
);

const scene: fc.Arbitrary<Scene> = fc.record({
  at: fc.constantFrom(...callbackNames),
  actions: fc.array(action, { maxLength: 3 }),
  outcome: fc.oneof(
    { weight: 4, arbitrary: fc.constant<Outcome>('return') },
    {
      weight: 4,
      arbitrary: fc.constantFrom<Outcome>('throw', 'reject', 'later', 'never', 'late', 'late-reject'),
    },
  ),
});

const inside: StepMaker = scene.map((what) => {
  const actions = [...what.actions.map(({ label }) => label), what.outcome].join('; ');
  return new Step(`${what.at} { ${actions} }`, (world) => world.program.stage.arm(what));
});

const treating: StepMaker = treatment.map(
  ({ label, treat }) => new Step(`server treats with ${label}`, (world) => world.treat(treat)),
);

const securing: StepMaker = security.map(
  ({ label, options }) =>
    new Step(
      `server shakes hands with ${label}`,
      (world) => world.site.secure({ label, options }),
      (model) => model.isSecure,
    ),
);

const garbling: StepMaker = fc.constantFrom(1, 5, 100).map(
  (size) =>
    new Step(
      `server sends ${size} beneath TLS`,
      (world) => world.garble(size),
      (model) => model.isSecure,
    ),
);

const sending: StepMaker = fc.constantFrom(1, 30, 300, 20_000, 150_000).map(
  (size) =>
    new Step(
      `server sends ${size}`,
      (world) => world.send(size),
      (model) => model.isListening,
    ),
);

const refusing: StepMaker = fc.constantFrom('stale', 'missing').map(
  (left) =>
    new Step(
      `server refuses (${left})`,
      (world, model) => {
        model.isListening = false;
        return world.server.refuse(left);
      },
      (model) => model.isListening,
    ),
);

const listening = step(
  'server listens',
  (world, model) => {
    model.isListening = true;
    return world.server.listen();
  },
  (model) => !model.isListening,
);

const dropping: StepMaker = fc
  .constantFrom('end', 'reset')
  .map((how) => new Step(`server drops all (${how})`, (world) => world.server.dropAll(how)));

const waiting: StepMaker = fc
  .integer({ min: 1, max: 20 })
  .map((count) => new Step(`${count} turns`, () => turns(count)));

const ticking = step('one tick', () => new Promise((resolve) => process.nextTick(resolve)));

const settling = step(
  'until ready',
  async (world) => {
    const { connection } = world.program;
    await world.until(() => connection.state === 'ready' || connection.state === 'closed', 1_000);
  },
  (model) => model.isListening,
);

const takingOver = step(
  'a new program takes over',
  (world) => world.connect(),
  (model) => model.isLeaving,
);

/** Any step; those that cannot do anything in the state reached are left out when they are executed. */
export const anyStep: StepMaker = fc.oneof(
  { weight: 30, arbitrary: now },
  { weight: 14, arbitrary: inside },
  { weight: 14, arbitrary: settling },
  { weight: 10, arbitrary: waiting },
  { weight: 6, arbitrary: takingOver },
  { weight: 7, arbitrary: sending },
  { weight: 5, arbitrary: dropping },
  { weight: 4, arbitrary: treating },
  { weight: 3, arbitrary: securing },
  { weight: 1, arbitrary: garbling },
  { weight: 2, arbitrary: ticking },
  { weight: 2, arbitrary: afterwards },
  { weight: 2, arbitrary: listening },
  { weight: 1, arbitrary: refusing },
);
