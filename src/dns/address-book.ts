import { inParallel } from './in-parallel.js';
import type { AddressQuestion, AddressRecord } from './look-up.js';

/** Answers a question about addresses. */
type Ask = (question: AddressQuestion) => Promise<readonly AddressRecord[]>;

/** What a look-up for addresses came to. */
export interface Found {
  /** The addresses of each name, in a fixed order. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  /** The least TTL of the answers, in seconds; `undefined` when there was none with an address in it. */
  readonly ttl: number | undefined;
  /** Why something was not found. */
  readonly failure: unknown;
}

/** How many questions are under way at once. */
const mostQuestions = 32;

/** What the resolvers say when there is nothing: no such name, no such record, or an alias only. */
const nothing: readonly unknown[] = ['ENOTFOUND', 'ENODATA', 'CONNMAN_DISCOVERY'];

/**
 * Finds addresses, and remembers them: where a look-up gets no answer for one family of a name, the addresses are kept
 * that were found last.
 */
export class AddressBook {
  readonly #families: readonly (4 | 6)[];
  readonly #mostAddresses: number;
  #known: Map<string, readonly string[]> = new Map();

  /** `mostAddresses` is how many are kept of each family of a name. */
  constructor(families: readonly (4 | 6)[], mostAddresses: number) {
    this.#families = families;
    this.#mostAddresses = mostAddresses;
  }

  /** Looks these names up, and forgets all others. */
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
        if (before && !saysNothing(error)) known.set(key, before);
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

function saysNothing(error: unknown): boolean {
  return nothing.includes((error as { code?: unknown }).code);
}

function leastOf(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => Math.min(one, other));
}

/** That there is nothing says less than that somebody did not answer. */
function worst(failures: readonly unknown[]): unknown {
  return failures.find((each) => !saysNothing(each)) ?? failures[0];
}
