import { inParallel } from './in-parallel.js';
import { isEmptyAnswer, type AddressQuestion, type AddressRecord } from '../resolver/index.js';

/** Asks a resolver for addresses. */
type Ask = (question: AddressQuestion) => Promise<readonly AddressRecord[]>;

/** The result of a look-up for addresses. */
export interface Found {
  /** The addresses of each name, in a fixed order. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  /** The least TTL of the answers, in seconds; `undefined` if no answer had an address. */
  readonly ttl: number | undefined;
  /** The most telling of the failures, if there were any. */
  readonly failure: unknown;
  /** What failed of each name that has no address, or of which one family failed. */
  readonly failed: ReadonlyMap<string, unknown>;
  /** How many addresses were left out, since a name has too many. */
  readonly omitted: number;
}

/** How many questions may be under way at once. */
const mostQuestions = 32;

/** Looks up addresses and caches them: if the resolvers fail for one family of a name, its last addresses stay. */
export class AddressCache {
  readonly #families: readonly (4 | 6)[];
  #known: Map<string, readonly string[]> = new Map();

  constructor(families: readonly (4 | 6)[]) {
    this.#families = families;
  }

  /** Looks up these names, and forgets all others. `most` limits the addresses of each family of a name. */
  async find(names: readonly string[], most: number, ask: Ask): Promise<Found> {
    const known = new Map<string, readonly string[]>();
    const ttls: number[] = [];
    const failures = new Map<AddressQuestion, unknown>();
    let omitted = 0;
    const questions = names.flatMap((name) => this.#families.map((family) => ({ name, family })));
    await inParallel(questions, mostQuestions, async (question) => {
      const key = keyOf(question);
      try {
        const records = await ask(question);
        const found = new Set(records.map(({ address }) => address));
        known.set(key, [...found].toSorted().slice(0, most));
        omitted += Math.max(0, found.size - most);
        ttls.push(leastOf(records.map(({ ttl }) => ttl)));
      } catch (error) {
        failures.set(question, error);
        const before = this.#known.get(key);
        if (before && !isEmptyAnswer(error)) known.set(key, before.slice(0, most));
      }
    });
    this.#known = known;
    const addresses = this.#byName(names);
    return {
      addresses,
      ttl: ttls.length ? leastOf(ttls) : undefined,
      failure: worst([...failures.values()]),
      failed: failedNames(failures, addresses),
      omitted,
    };
  }

  #byName(names: readonly string[]): Map<string, readonly string[]> {
    const of = (name: string): string[] =>
      this.#families.flatMap((family) => [...(this.#known.get(keyOf({ name, family })) ?? [])]);
    return new Map(names.map((name) => [name, of(name)]));
  }
}

function keyOf({ name, family }: AddressQuestion): string {
  return `${family} ${name}`;
}

function leastOf(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => Math.min(one, other));
}

/** A resolver that failed tells more than an empty answer. */
function worst(failures: readonly unknown[]): unknown {
  return failures.find((each) => !isEmptyAnswer(each)) ?? failures[0];
}

/** An empty answer for one family is none of them, unless the other has no address either. */
function failedNames(
  failures: ReadonlyMap<AddressQuestion, unknown>,
  addresses: ReadonlyMap<string, readonly string[]>,
): Map<string, unknown> {
  const failed = new Map<string, unknown>();
  for (const [{ name }, error] of failures) {
    const isFailure = !isEmptyAnswer(error);
    if (isFailure || (!addresses.get(name)?.length && !failed.has(name))) failed.set(name, error);
  }
  return failed;
}
