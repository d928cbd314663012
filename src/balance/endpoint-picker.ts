import type { Candidate, Load, Picker } from './candidate.js';
import { Levels, type Level } from './levels.js';

/** Things that come and go. */
export interface Crowd<T> {
  readonly isEmpty: boolean;
  add(item: T): void;
  remove(item: T): void;
  /** Adds an item whose turn is next, where there are turns. */
  addFirst?(item: T): void;
}

/** The candidates to one endpoint. */
export class Place<T extends Candidate, C extends Crowd<T>> {
  readonly load: Load;
  readonly candidates: C;
  level: Level<Crowd<Place<T, C>>>;
  index = -1;
  next: Place<T, C> | undefined = undefined;
  previous: Place<T, C> | undefined = undefined;
  /** When it was picked last: a greater number is later. */
  turn = 0;

  constructor(load: Load, candidates: C, level: Level<Crowd<Place<T, C>>>) {
    this.load = load;
    this.candidates = candidates;
    this.level = level;
  }
}

/** How a balancer chooses: first an endpoint, by its share, then one of its connections. */
export interface Strategy<T extends Candidate, C extends Crowd<T>, E extends Crowd<Place<T, C>>> {
  /** How often an endpoint is chosen, relative to others. */
  shareOf(load: Load): number;
  /** Makes an empty crowd of the connections of an endpoint. */
  connections(): C;
  /** Makes an empty crowd of endpoints with the same share. */
  endpoints(): E;
  choose(levels: Levels<E>): T | undefined;
  /** The next connection of an endpoint that has one. */
  take(place: Place<T, C>): T | undefined;
  /** The endpoint has another load. */
  moved?(place: Place<T, C>): void;
  /** From 0 up to, but not including, 1. */
  readonly chance: () => number;
}

/**
 * How often each endpoint has its turn: by its weight, of which each of the connections that are wanted has its part; without a
 * weight, by its ready connections.
 */
export function turnsOf({ weight, wanted = 0, ready = 1 }: Load): number {
  const count = Math.max(1, ready);
  return weight === undefined ? count : weight * Math.min(1, count / Math.max(1, wanted));
}

/** How much load an endpoint takes, relative to others. */
export function strengthOf({ weight = 1 }: Load): number {
  return weight;
}

/** The candidates of one priority, by endpoint: where these have different weights, or are chosen by a key. */
export class EndpointPicker<
  T extends Candidate,
  C extends Crowd<T>,
  E extends Crowd<Place<T, C>>,
> implements Picker<T> {
  readonly loadChanged: ((load: Load) => void) | undefined;
  readonly #strategy: Strategy<T, C, E>;
  readonly #levels: Levels<E>;

  constructor(strategy: Strategy<T, C, E>) {
    this.#strategy = strategy;
    this.#levels = new Levels(strategy.endpoints, strategy.chance);
    if (strategy.moved) this.loadChanged = (load) => this.#moved(load);
  }

  add(candidate: T): void {
    const { group } = candidate;
    const known = this.#placeOf(group);
    const place = known ?? this.#make(group);
    if (place.candidates.isEmpty) this.#enter(place, !known && group.weight !== undefined);
    place.candidates.add(candidate);
  }

  remove(candidate: T): void {
    const place = this.#placeOf(candidate.group) as Place<T, C>;
    place.candidates.remove(candidate);
    if (place.candidates.isEmpty) this.#leave(place);
  }

  pick(): T | undefined {
    return this.#strategy.choose(this.#levels);
  }

  pickOf(load: Load): T | undefined {
    const place = this.#placeOf(load);
    return place && this.#strategy.take(place);
  }

  shareChanged(load: Load): void {
    const place = this.#placeOf(load);
    const share = this.#strategy.shareOf(load);
    if (!place || place.level.share === share) return;
    const isFree = !place.candidates.isEmpty;
    if (isFree) this.#leave(place);
    this.#levels.leave(place.level);
    place.level = this.#levels.join(share);
    if (isFree) this.#enter(place, false);
  }

  forget(load: Load): void {
    const place = this.#placeOf(load);
    if (place) this.#levels.leave(place.level);
    load.place = undefined;
  }

  #make(load: Load): Place<T, C> {
    const { connections, shareOf } = this.#strategy;
    const place = new Place<T, C>(load, connections(), this.#levels.join(shareOf(load)));
    load.place = place;
    return place;
  }

  /** An endpoint is the last of the round. One that discovery has brought may be the first instead: in each process another. */
  #enter(place: Place<T, C>, mayBeFirst: boolean): void {
    const { level } = place;
    const { endpoints } = level;
    level.free += 1;
    if (mayBeFirst && endpoints.addFirst && this.#strategy.chance() * level.free < 1) {
      endpoints.addFirst(place);
    } else {
      endpoints.add(place);
    }
  }

  #leave(place: Place<T, C>): void {
    place.level.free -= 1;
    place.level.endpoints.remove(place);
  }

  #moved(load: Load): void {
    const place = this.#placeOf(load);
    if (place && !place.candidates.isEmpty) this.#strategy.moved?.(place);
  }

  #placeOf({ place }: Load): Place<T, C> | undefined {
    return place as Place<T, C> | undefined;
  }
}
