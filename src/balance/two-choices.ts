import { callable } from '../primitives/checks.js';
import { OptionError } from '../primitives/errors.js';
import { Balancer } from './balancer.js';
import type { Candidate, Picker } from './candidate.js';
import { draw, type RowPlace } from './drawn.js';
import { EndpointPicker, strengthOf, turnsOf } from './endpoint-picker.js';
import type { Level, Levels } from './levels.js';
import { Row } from './row.js';

/** How busy a connection is, as a number: less is better. */
export type LoadOf<C> = (connection: C) => number;

/**
 * Draws two ready connections at random, the first by the weights of their endpoints, and picks the less busy one, in proportion
 * to these weights. This evens out servers of unequal speed, and costs the same for ten connections as for ten thousand.
 *
 * @param loadOf how busy a connection is; by default, the number of leases on the connections to its endpoint and, for shared
 * use, the number of requests on it that wait for an answer, where it has `Requests`. The example counts them by itself.
 * @throws OptionError if `loadOf` is not a function, and, from a pick, if it returns no number.
 *
 * @example
 * ```ts
 * import { createPool, twoChoices, type Handler, type Pool } from 'connman';
 *
 * interface Client extends Handler {
 *   readonly pending: number;
 * }
 *
 * export function openPool(factory: () => Client): Pool<Client> {
 *   return createPool('cache', factory, { pick: twoChoices(({ handler }) => handler.pending) });
 * }
 * ```
 */
export function twoChoices<C>(loadOf?: LoadOf<C>): Balancer<C> {
  if (loadOf !== undefined) callable('loadOf', loadOf);
  return twoChoicesBy(Math.random, loadOf as LoadOf<unknown> | undefined);
}

/** As {@link twoChoices}; `chance` draws a number from 0 up to, but not including, 1. */
export function twoChoicesBy(chance: () => number, loadOf?: LoadOf<unknown>): Balancer<unknown> {
  const busyness = loadOf ? ({ connection }: Candidate) => checkLoad(loadOf(connection)) : busynessOf;
  return new Balancer('twoChoices', <T extends Candidate>(byEndpoint: boolean) =>
    byEndpoint
      ? pickerByEndpoint<T>(weighed(loadOf && busyness), chance)
      : new TwoChoicesPicker<T>(chance, busyness),
  );
}

type Busyness = (candidate: Candidate) => number;

/** Leases by endpoint, as each is on one connection; requests by connection, as many share one. */
function busynessOf(candidate: Candidate): number {
  const { leases, pending } = candidate.group;
  return pending === 0 ? leases : leases + candidate.pending;
}

/** The same in proportion to the weight, of which each connection to an endpoint has its part. */
function weighed(busyness: Busyness | undefined): Busyness {
  if (busyness) return (candidate) => busyness(candidate) / strengthOfOne(candidate.group);
  return (candidate) => {
    const { group, pending } = candidate;
    return group.leases / strengthOf(group) + (group.pending && pending / strengthOfOne(group));
  };
}

/** How much load one connection takes. */
function strengthOfOne({ weight, size = 1 }: Candidate['group']): number {
  return weight === undefined ? 1 : weight / Math.max(1, size);
}

function checkLoad(load: unknown): number {
  if (typeof load !== 'number' || Number.isNaN(load)) throw new OptionError('loadOf()', 'a number', load);
  return load;
}

class TwoChoicesPicker<T extends Candidate> extends Row<T> implements Picker<T> {
  readonly #chance: () => number;
  readonly #load: (candidate: Candidate) => number;

  constructor(chance: () => number, load: (candidate: Candidate) => number) {
    super();
    this.#chance = chance;
    this.#load = load;
  }

  pick(): T | undefined {
    const { length } = this;
    if (length < 2) return this.at(0);
    const first = Math.floor(this.#chance() * length);
    const another = Math.floor(this.#chance() * (length - 1));
    const one = this.at(first) as T;
    const other = this.at(another < first ? another : another + 1) as T;
    const chosen = this.#load(other) < this.#load(one) ? other : one;
    // `loadOf` is application code: it may have taken the connection, or ended it.
    return this.at(chosen.index) === chosen ? chosen : this.pick();
  }
}

function pickerByEndpoint<T extends Candidate>(busyness: Busyness, chance: () => number): Picker<T> {
  return new EndpointPicker<T, Row<T>, Row<RowPlace<T>>>({
    chance,
    shareOf: turnsOf,
    connections: () => new Row(),
    endpoints: () => new Row(),
    choose: (levels) => lessBusyOfTwo(levels, busyness, chance),
    take: ({ candidates }) => candidates.drawn(chance),
  });
}

function lessBusyOfTwo<T extends Candidate>(
  levels: Levels<Row<RowPlace<T>>>,
  busyness: Busyness,
  chance: () => number,
): T | undefined {
  const place = draw(levels, chance);
  const one = place?.candidates.drawn(chance);
  if (!place || !one) return undefined;
  const { candidates } = drawAnother(levels.all, place, chance) ?? place;
  const other =
    candidates === place.candidates ? drawAnotherOf(candidates, one, chance) : candidates.drawn(chance);
  if (!other) return one;
  const [picked, from] = busyness(other) < busyness(one) ? [other, candidates] : [one, place.candidates];
  // `loadOf` is application code: it may have taken the connection, or ended it.
  return from.at(picked.index) === picked ? picked : lessBusyOfTwo(levels, busyness, chance);
}

/** Another endpoint, each with the same chance: it needs no weight, as its load is weighed. */
function drawAnother<T extends Candidate>(
  all: readonly Level<Row<RowPlace<T>>>[],
  place: RowPlace<T>,
  chance: () => number,
): RowPlace<T> | undefined {
  let before = 0;
  let count = 0;
  for (const level of all) {
    if (level === place.level) before = count + place.index;
    count += level.free;
  }
  let drawn = Math.floor(chance() * (count - 1));
  if (drawn >= before) drawn += 1;
  for (const { endpoints, free } of all) {
    if (drawn < free) return endpoints.at(drawn);
    drawn -= free;
  }
  return undefined;
}

function drawAnotherOf<T extends Candidate>(row: Row<T>, one: T, chance: () => number): T | undefined {
  const drawn = Math.floor(chance() * (row.length - 1));
  return row.at(drawn < one.index ? drawn : drawn + 1);
}
