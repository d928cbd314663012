import { leastLeased, roundRobin, type Balancer } from '../../src/balance/index.js';
import { randomBy } from '../../src/balance/random.js';
import { twoChoicesBy } from '../../src/balance/two-choices.js';
import { seededRandom } from '../herd/random.js';
import type { Scene, SharedConnection } from './simulate.js';

/** Four servers, of which one takes ten times as long as the others; connections that are shared are fewer. */
export function sceneOf(use: Scene['use'], requests: number): Scene {
  const connectionsPerServer = use === 'leases' ? 8 : 2;
  return { serviceTimes: [10, 1, 1, 1], connectionsPerServer, users: 12, requests, seed: 1, use };
}

/** The strategies, by what they are called, for connections that are lent or shared. */
export function strategiesFor(use: Scene['use']): readonly (readonly [name: string, balancer: Balancer])[] {
  const chance = seededRandom(2);
  const common = [
    ['roundRobin', roundRobin()],
    ['random', randomBy(seededRandom(3))],
  ] as const;
  if (use === 'leases')
    return [...common, ['twoChoices', twoChoicesBy(chance)], ['leastLeased', leastLeased()]];
  const pending = (connection: unknown): number => (connection as SharedConnection).pending;
  return [...common, ['twoChoices of what is pending', twoChoicesBy(chance, pending)]];
}
