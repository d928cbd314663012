import { inParallel } from './in-parallel.js';
import type { AddressQuestion, AddressRecord } from '../resolver/index.js';

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
}

/** How many questions may be under way at once. */
const mostQuestions = 32;

/** The codes of an answer without an address: no such name, no such record, or an alias only. */
const emptyAnswers: readonly unknown[] = ['ENOTFOUND', 'ENODATA', 'CONNMAN_DISCOVERY'];

/** Looks up addresses and caches them: if the resolvers fail for one family of a name, its last addresses stay. */
export class AddressCache {
  readonly #families: readonly (4 | 6)[];
  readonly #mostAddresses: number;
  #known: Map<string, readonly string[]> = new Map();

  /** `mostAddresses` limits the addresses of each family of a name. */
  constructor(families: readonly (4 | 6)[], mostAddresses: number) {
    this.#families = families;
    this.#mostAddresses = mostAddresses;
  }

  /** Looks up these names, and forgets all others. */
  async find(names: readonly string[], ask: Ask): Promise<Found> {
    const known = new Map<string, readonly string[]>();
    const ttls: number[] = [];
    const failures: unknown[] = [];
    const questions = names.flatMap((name) => this.#families.map((family) => ({ name, family })));
    await inParallel(questions, mostQuestions, async (question) => {
      const key = keyOf(question);
      try {
        const records = await ask(question);
        known.set(key, this.#kept(records));
        ttls.push(leastOf(records.map(({ ttl }) => ttl)));
      } catch (error) {
        failures.push(error);
        const before = this.#known.get(key);
        if (before && !isEmptyAnswer(error)) known.set(key, before);
      }
    });
    this.#known = known;
    return {
      addresses: this.#byName(names),
      ttl: ttls.length ? leastOf(ttls) : undefined,
      failure: worst(failures),
    };
  }

  #kept(records: readonly AddressRecord[]): readonly string[] {
    return records
      .map(({ address }) => address)
      .toSorted()
      .slice(0, this.#mostAddresses);
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

function isEmptyAnswer(error: unknown): boolean {
  return emptyAnswers.includes((error as { code?: unknown }).code);
}

function leastOf(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => Math.min(one, other));
}

/** A resolver that failed tells more than an empty answer. */
function worst(failures: readonly unknown[]): unknown {
  return failures.find((each) => !isEmptyAnswer(each)) ?? failures[0];
}
