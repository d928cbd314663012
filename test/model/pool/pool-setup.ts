import * as fc from 'fast-check';
import {
  leastLeased,
  random,
  roundRobin,
  twoChoices,
  type Balancer,
  type Choose,
  type Connection,
} from '../../../src/index.js';

/** How a pool is made. */
export interface PoolSetup {
  /** How many connections per endpoint of its discovery; nothing where it has none. */
  readonly perEndpoint: number | undefined;
  /** How many connections are added by hand to begin with. */
  readonly added: number;
  readonly maxWaiters: number | undefined;
  readonly acquireTimeout: number;
  readonly drain: number;
  readonly maxAge: { readonly age: number; readonly overlap: boolean };
  /** Whether its handlers say when nothing is under way. */
  readonly tellsIdle: boolean;
  readonly pushes: boolean;
  readonly pick: { readonly name: string; readonly make: () => Balancer | Choose<Connection> };
}

const picks: readonly PoolSetup['pick'][] = [
  { name: 'roundRobin', make: roundRobin },
  { name: 'leastLeased', make: leastLeased },
  { name: 'twoChoices', make: () => twoChoices() },
  { name: 'random', make: random },
  { name: 'last', make: () => (candidates) => candidates.at(candidates.length - 1) as Connection },
];

/** Any pool. */
export const setup: fc.Arbitrary<PoolSetup> = fc.record({
  perEndpoint: fc.constantFrom(undefined, 1, 1, 2, 3),
  added: fc.constantFrom(0, 1, 3),
  maxWaiters: fc.constantFrom(undefined, undefined, 0, 1, 4),
  acquireTimeout: fc.constantFrom(2, 6, 5_000),
  drain: fc.constantFrom(0, 2, 10),
  // A life that ends younger than 50 ms is not followed at once: of such lives, some would always be missing.
  maxAge: fc.record({ age: fc.constantFrom(0, 0, 0, 0, 60, 90), overlap: fc.boolean() }),
  tellsIdle: fc.boolean(),
  pushes: fc.boolean(),
  pick: fc.constantFrom(...picks),
});

/** The pools of a run. */
export const setups: fc.Arbitrary<readonly PoolSetup[]> = fc.array(setup, { minLength: 2, maxLength: 2 });
