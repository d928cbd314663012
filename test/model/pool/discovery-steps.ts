import * as fc from 'fast-check';
import type { DiscoveredEndpoint } from '../../../src/index.js';
import { programStep, type StepMaker } from './pool-step.js';

const endpoint = fc.record({
  server: fc.nat(2),
  priority: fc.constantFrom(undefined, undefined, 0, 1),
  weight: fc.constantFrom(undefined, undefined, 0, 1, 3),
});

const saying = programStep(
  fc.array(endpoint, { maxLength: 4 }),
  (endpoints) => `snapshot ${JSON.stringify(endpoints)}`,
  ({ source }, endpoints, world) => {
    const snapshot = endpoints.map(({ server, priority, weight }) => ({
      ...world.servers[server]?.endpoint,
      ...(priority !== undefined && { priority }),
      ...(weight !== undefined && { weight }),
    }));
    void source?.say(snapshot as DiscoveredEndpoint[]);
  },
);

const ranking = programStep(
  fc.tuple(fc.nat(1), fc.nat(1), fc.nat(1)),
  (priorities) => `priorities ${priorities.join()}`,
  ({ source }, priorities, world) => {
    const ranked = priorities.map((priority, server) => ({ ...world.servers[server]?.endpoint, priority }));
    void source?.say(ranked);
  },
);

const garbage = programStep(
  fc.constantFrom(undefined, 'garbage', [], [{ port: -1 }], { length: 1 }),
  (value) => `garbage for a snapshot: ${JSON.stringify(value)}`,
  ({ source }, value) => void source?.say(value),
);

const failing = programStep(
  fc.constant(undefined),
  () => 'discovery fails',
  ({ source }) => void source?.fail(new Error('no answer')),
);

const finishing = programStep(
  fc.constant(undefined),
  () => 'discovery ends',
  ({ source }) => source?.end(),
);

const resizing = programStep(
  fc.constantFrom(1, 2, 3),
  (count) => `resize(${count})`,
  (program, count) => {
    if (program.source) program.resize(count);
  },
);

const failingFactory = programStep(
  fc.constant(undefined),
  () => 'the factory throws',
  (program) => {
    if (program.source) program.factoryError = new Error('no handler');
  },
);

/** What discovery says, or fails to say. */
export const discoveryStep: StepMaker = fc.oneof(
  { weight: 6, arbitrary: saying },
  { weight: 6, arbitrary: ranking },
  { weight: 4, arbitrary: resizing },
  { weight: 2, arbitrary: garbage },
  { weight: 1, arbitrary: failingFactory },
  { weight: 1, arbitrary: failing },
  { weight: 1, arbitrary: finishing },
);
