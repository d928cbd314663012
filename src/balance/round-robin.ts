import { Balancer } from './balancer.js';
import type { Candidate, Load, Picker } from './candidate.js';
import { EndpointPicker, turnsOf, type Place } from './endpoint-picker.js';
import { Ring } from './ring.js';

/**
 * The default: picks each ready connection in turn, and endpoints of different weights by their weight, evenly mixed. A connection
 * that comes back from a lease is the last of the round. Connections to one endpoint that become ready are spread over the round.
 * Constant time.
 *
 * @example
 * ```ts
 * import { createPool, roundRobin, type Handler, type Pool } from 'connman';
 *
 * export function openPool(factory: () => Handler): Pool {
 *   return createPool('cache', factory, { pick: roundRobin() });
 * }
 * ```
 */
export function roundRobin(): Balancer<unknown> {
  return roundRobinBy(Math.random);
}

/** As {@link roundRobin}; `chance` draws a number from 0 up to, but not including, 1. */
export function roundRobinBy(chance: () => number): Balancer<unknown> {
  return new Balancer('roundRobin', <T extends Candidate>(byEndpoint: boolean) =>
    byEndpoint ? pickerByEndpoint<T>(chance) : new TurnPicker<T>(chance),
  );
}

/** How many places to look at for one that is far enough from the last connection to the same endpoint. */
const longestWalk = 250;

/** Each connection in turn. Those to one endpoint are spread over the round as they become ready. */
class TurnPicker<T extends Candidate> extends Ring<T> implements Picker<T> {
  readonly #chance: () => number;

  constructor(chance: () => number) {
    super();
    this.#chance = chance;
  }

  /** The first one to a discovered endpoint may be the first of the round: in each process another. */
  join(candidate: T): void {
    const { group } = candidate;
    const last = group.place as T | undefined;
    group.place = candidate;
    const { ready = 1, size = 1, weight } = group;
    const others = this.length - ready + 1;
    if (last?.next && others > 0) this.#spread(candidate, last, others);
    else if (!last && weight !== undefined && this.#chance() * (this.length / size + 1) < 1) {
      this.addFirst(candidate);
    } else this.add(candidate);
  }

  forget(load: Load): void {
    load.place = undefined;
  }

  /** Puts it after the last one to the same endpoint, with as many others between as there are for each of its connections. */
  #spread(candidate: T, last: T, others: number): void {
    const { group } = candidate;
    let between = Math.max(1, Math.floor(others / (group.size ?? 1)));
    let before: Candidate = last;
    for (let steps = 0; steps < longestWalk && between > 0 && before.next !== last; steps += 1) {
      before = before.next as Candidate;
      if (before.group !== group) between -= 1;
    }
    this.addAfter(before as T, candidate);
  }
}

function pickerByEndpoint<T extends Candidate>(chance: () => number): Picker<T> {
  return new EndpointPicker<T, Ring<T>, Ring<Place<T, Ring<T>>>>({
    chance,
    shareOf: turnsOf,
    connections: () => new Ring(),
    endpoints: () => new Ring(),
    choose: (levels) => levels.next()?.endpoints.pick()?.candidates.pick(),
    take: ({ candidates }) => candidates.pick(),
  });
}
