import type { Endpoint } from '../index.js';
import { formatEndpoint } from '../primitives/endpoint.js';
import type { Owner } from './source.js';
import { endpointMetrics, type Metric, type PlaceStats, type Values } from './table.js';

/** The endpoint that stands for all that have no series of their own. */
const others = 'other';

/** The values of one endpoint, or of the others. */
export interface Place {
  readonly label: string;
  /** Without it, the others. */
  readonly endpoint: Endpoint | undefined;
  values(metric: Metric<PlaceStats>): Values;
}

/** What one owner has told of its endpoints. */
class Told {
  /** Those with series of their own, with their last values. */
  readonly named: Map<string, PlaceStats> = new Map();
  /** The counters of those that are gone: they had series of their own, so they are none of the others. */
  readonly past: Map<string, Values> = new Map();
  /** Those that were among the others last. */
  others: ReadonlySet<string> = new Set();

  /** Keeps the counters of an endpoint apart from those of the others, or among them. */
  count(sign: 1 | -1, stats: PlaceStats): void {
    for (const { type, name, read } of endpointMetrics)
      if (type === 'counter') this.past.set(name, combine(this.past.get(name), read(stats), sign));
  }
}

/** Chooses the endpoints that have series of their own. One that has keeps them until it is gone, so that no counter jumps. */
export class Places {
  readonly #most: number;
  readonly #told: WeakMap<object, Told> = new WeakMap();

  constructor(most: number) {
    this.#most = most;
  }

  of({ identity, stats }: Owner): readonly Place[] {
    if (this.#most === 0) return [];
    let told = this.#told.get(identity);
    if (!told) this.#told.set(identity, (told = new Told()));
    const present = new Map(stats.endpoints.map((each) => [formatEndpoint(each.endpoint), each]));
    this.#forget(told, present);
    this.#choose(told, present);
    const named = [...told.named].map(([label, each]): Place => {
      return { label, endpoint: each.endpoint, values: (metric) => metric.read(each) };
    });
    if (this.#most === Infinity) return named;
    const rest = [...present].filter(([label]) => !told.named.has(label));
    told.others = new Set(rest.map(([label]) => label));
    const unnamed = (metric: Metric<PlaceStats>): Values => {
      const sum = rest.map(([, each]) => metric.read(each)).reduce(plus, undefined);
      if (metric.type === 'gauge') return metric.unit === 's' ? undefined : (sum ?? 0);
      const gone = metric.read(stats.gone as PlaceStats);
      return minus(plus(sum, gone), told.past.get(metric.name));
    };
    return [...named, { label: others, endpoint: undefined, values: unnamed }];
  }

  #forget(told: Told, present: ReadonlyMap<string, PlaceStats>): void {
    for (const [label, last] of told.named) {
      const now = present.get(label);
      // Its counters begin at 0 again if it was gone in the meantime.
      if (now && now.dials >= last.dials) continue;
      told.named.delete(label);
      told.count(1, last);
    }
  }

  #choose(told: Told, present: ReadonlyMap<string, PlaceStats>): void {
    const larger = [...present].toSorted(([, one], [, other]) => other.size - one.size);
    for (const [label, each] of larger) {
      const isNew = !told.named.has(label);
      if (isNew && told.named.size >= this.#most) continue;
      // The others do not decrease: what it was among them stays there.
      if (isNew && told.others.has(label)) told.count(-1, each);
      told.named.set(label, each);
    }
  }
}

function plus(one: Values, other: Values): Values {
  return combine(one, other, 1);
}

function minus(one: Values, other: Values): Values {
  return combine(one, other, -1);
}

function combine(one: Values, other: Values, sign: 1 | -1): Values {
  if (other === undefined) return one;
  if (typeof other === 'number') return ((one as number | undefined) ?? 0) + sign * other;
  const first = (one ?? {}) as Readonly<Record<string, number>>;
  return Object.fromEntries(
    Object.entries(other).map(([kind, value]) => [kind, (first[kind] ?? 0) + sign * value]),
  );
}
