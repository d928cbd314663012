import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/herd/random.js';
import { chooseSubset } from '../../../src/pool/following/subset.js';
import { hash } from '../../../src/primitives/hash.js';
import { perRing } from '../../support/per-ring.js';

const itself = (endpoint: string): string => endpoint;

function choose(endpoints: readonly string[], size: number, key: string): readonly string[] {
  return chooseSubset(endpoints, size, key, itself);
}

/** What the second list has and the first has not. */
function added(before: readonly string[], after: readonly string[]): string[] {
  return after.filter((each) => !before.includes(each));
}

/** As hosts and ports are: much alike, or anything at all. */
const endpointKey = fc.oneof(
  fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 65_535 })).map(([host, port]) => `10.0.0.${host}:${port}`),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const endpointKeys = fc.uniqueArray(endpointKey, { minLength: 1, maxLength: 60 });
const input = fc.record({ endpoints: endpointKeys, size: fc.integer({ min: 1, max: 70 }), key: fc.string() });

describe('the subset of endpoints', () => {
  it('has the size asked for, each endpoint once, in the order given', () => {
    fc.assert(
      fc.property(input, ({ endpoints, size, key }) => {
        const chosen = choose(endpoints, size, key);
        expect(chosen).toHaveLength(Math.min(size, endpoints.length));
        expect(chosen).toEqual(endpoints.filter((each) => chosen.includes(each)));
      }),
    );
  });

  it('does not depend on the order of the endpoints', () => {
    const shuffled = input.chain((each) =>
      fc
        .shuffledSubarray(each.endpoints, { minLength: each.endpoints.length })
        .map((others) => Object.assign({ others }, each)),
    );
    fc.assert(
      fc.property(shuffled, ({ endpoints, others, size, key }) => {
        expect(choose(others, size, key).toSorted()).toEqual(choose(endpoints, size, key).toSorted());
      }),
    );
  });

  it('stays when an endpoint goes that was not chosen; else only that one is replaced', () => {
    fc.assert(
      fc.property(input, fc.nat(), ({ endpoints, size, key }, which) => {
        const gone = endpoints[which % endpoints.length] as string;
        const before = choose(endpoints, size, key);
        const after = choose(
          endpoints.filter((each) => each !== gone),
          size,
          key,
        );
        expect(added(after, before)).toEqual(before.includes(gone) ? [gone] : []);
        const isReplaced = before.includes(gone) && endpoints.length > size;
        expect(added(before, after)).toHaveLength(isReplaced ? 1 : 0);
      }),
    );
  });

  it('changes in one place at most when an endpoint comes: for that endpoint', () => {
    fc.assert(
      fc.property(input, endpointKey, ({ endpoints, size, key }, coming) => {
        fc.pre(!endpoints.includes(coming));
        const before = choose(endpoints, size, key);
        const after = choose([coming, ...endpoints], size, key);
        expect([[], [coming]]).toContainEqual(added(before, after));
        expect(added(after, before).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('grows and shrinks by the last ones only', () => {
    fc.assert(
      fc.property(input, ({ endpoints, size, key }) => {
        const larger = choose(endpoints, size + 1, key);
        expect(added(larger, choose(endpoints, size, key))).toEqual([]);
      }),
    );
  });

  it('does not depend on the order when two endpoints weigh the same', () => {
    const [one, other] = sameWeight(hash('program', 0));
    expect(choose([one, other], 1, 'program')).toEqual(choose([other, one], 1, 'program'));
    const many = [...manyEndpoints(20), one, other];
    for (let size = 1; size <= many.length; size += 1) {
      const chosen = choose(many, size, 'program');
      expect(chosen).toHaveLength(size);
      expect(choose(many.toReversed(), size, 'program').toReversed()).toEqual(chosen);
    }
  });

  it('asks for the key of what it is given, and gives that back', () => {
    const endpoints = [6, 7, 8].map((port) => ({ host: '::1', port }));
    const [chosen] = chooseSubset(endpoints, 1, 'program', ({ port }) => String(port));
    expect(endpoints).toContain(chosen);
    expect(String(chosen?.port)).toBe(choose(['6', '7', '8'], 1, 'program')[0]);
  });

  it('is empty for nothing, and all for as many as there are', () => {
    expect(choose([], 3, 'program')).toEqual([]);
    expect(choose(['a', 'b'], 0, 'program')).toEqual([]);
    expect(choose(['a', 'b'], 2, 'program')).toEqual(['a', 'b']);
    expect(choose(['a', 'b'], Infinity, 'program')).toEqual(['a', 'b']);
  });

  it('takes less than 20 ms for 10 000 endpoints', () => {
    const endpoints = manyEndpoints(10_000);
    const times = Array.from({ length: 10 }, (_, index) => {
      const start = performance.now();
      choose(endpoints, 20, `program ${index}`);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(20);
  });
});

function manyEndpoints(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `10.0.${index >> 8}.${index & 255}:11211`);
}

/** Two texts that have the same hash: of 300 000 at random, about ten pairs do. */
function sameWeight(seed: number): [one: string, other: string] {
  const texts = new Map<number, string>();
  for (let index = 0; index < 300_000; index += 1) {
    const text = hex() + hex();
    const value = hash(text, seed);
    const other = texts.get(value);
    if (other !== undefined) return [text, other];
    texts.set(value, text);
  }
  throw new Error('no two of 300 000 texts have the same hash of 32 bits');
}

/** The χ² that only one in a thousand fair draws stays below, and the one that only one in a thousand exceeds. */
function fairChiSquare(freedom: number): [low: number, high: number] {
  const bound = (deviations: number): number =>
    freedom * (1 - 2 / (9 * freedom) + deviations * Math.sqrt(2 / (9 * freedom))) ** 3;
  return [bound(-3.09), bound(3.09)];
}

function chiSquare(counts: Iterable<number>, expected: number): number {
  let sum = 0;
  for (const count of counts) sum += (count - expected) ** 2 / expected;
  return sum;
}

function countEach(values: readonly string[], among: readonly string[]): number[] {
  const counts = new Map(among.map((each) => [each, 0]));
  for (const value of values) counts.set(value, (counts.get(value) ?? NaN) + 1);
  return [...counts.values()];
}

function expectFair(statistic: number, freedom: number): void {
  const [low, high] = fairChiSquare(freedom);
  expect(statistic).toBeGreaterThan(low);
  expect(statistic).toBeLessThan(high);
}

const random = seededRandom(1);
const hex = (): string => Math.floor(random() * 2 ** 32).toString(16);

const programKeys: Record<string, (index: number) => string> = {
  'programs by number': String,
  'programs of a host': (index) => `web-7.example:${1_000 + index}`,
  'programs by their random names': () => `web-${hex()}`,
};

const endpointKeysOf: Record<string, (index: number) => string> = {
  'servers by number': String,
  'ports of a host': (index) => `10.0.0.1:${7_000 + index}`,
  'hosts of a network': (index) => `10.0.0.${index}:11211`,
  'sockets of a folder': (index) => `/run/${index}.sock`,
  'hosts of random names': () => `cache-${hex()}.example:11211`,
};

const kinds = Object.entries(programKeys).flatMap(([programs, programKey]) =>
  Object.entries(endpointKeysOf).map(([servers, serverKey]) => ({
    programs,
    servers,
    programKey,
    serverKey,
  })),
);

describe.each(kinds)('$programs, $servers', ({ programKey, serverKey }) => {
  const keysOf = (count: number, keyOf: (index: number) => string): string[] =>
    Array.from({ length: count }, (_, index) => keyOf(index));

  it('all servers are chosen equally often', () => {
    const [programs, servers, size] = [perRing({ short: 1_000, soak: 10_000 }), 100, 10];
    const endpoints = keysOf(servers, serverKey);
    const chosen = keysOf(programs, programKey).flatMap((key) => choose(endpoints, size, key));
    // Drawn without putting back, the counts scatter less than a χ² expects.
    const scale = (servers - 1) / (servers - size);
    const statistic = chiSquare(countEach(chosen, endpoints), (programs * size) / servers) * scale;
    expectFair(statistic, servers - 1);
  });

  it('and every two of them together', () => {
    const [programs, servers] = [perRing({ short: 2_000, soak: 20_000 }), 15];
    const endpoints = keysOf(servers, serverKey);
    const pairs = endpoints.flatMap((one, index) => endpoints.slice(index + 1).map((two) => `${one} ${two}`));
    const chosen = keysOf(programs, programKey).map((key) => choose(endpoints, 2, key).join(' '));
    expectFair(chiSquare(countEach(chosen, pairs), programs / pairs.length), pairs.length - 1);
  });
});
