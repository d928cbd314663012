import * as fc from 'fast-check';
import { describe, expect } from 'vitest';
import { endpointKey, readSnapshot, type DiscoveredEndpoint } from '../../src/discovery/index.js';
import { expectOptionErrors } from '../support/refusal.js';
import { it } from '../support/fixtures.js';

const address = fc.oneof(
  fc.record({ host: fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()), port: fc.integer({ min: 1, max: 65_535 }) }),
  fc.record({ path: fc.stringMatching(/^\/[a-z]{1,20}$/) }),
);
const extras = fc.record(
  {
    weight: fc.oneof(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), fc.constant(undefined)),
    priority: fc.oneof(fc.maxSafeNat(), fc.constant(undefined)),
    servername: fc.oneof(fc.domain(), fc.constant(undefined)),
  },
  { requiredKeys: [] },
);
const endpoint = fc.tuple(address, extras).map(([where, more]) => Object.assign({}, where, more));

function defined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
}

describe('readSnapshot', () => {
  it('gives frozen copies of what is defined, in order, the first of each key', () => {
    fc.assert(
      fc.property(fc.array(endpoint, { maxLength: 30 }), fc.nat(), (given, seed) => {
        const twice = given.toSpliced(seed % (given.length + 1), 0, ...given.map((each) => ({ ...each })));
        const snapshot = readSnapshot(twice);
        const keys = twice.map((each) => endpointKey(each as DiscoveredEndpoint));
        const firsts = twice.filter((_, index) => keys.indexOf(keys[index] ?? '') === index);
        expect(snapshot).toStrictEqual(firsts.map(defined));
        expect([snapshot, ...snapshot].every(Object.isFrozen)).toBe(true);
        expect(snapshot.some((each) => (twice as object[]).includes(each))).toBe(false);
        expect(readSnapshot(snapshot)).toStrictEqual(snapshot);
      }),
    );
  });

  it('takes 10 000 endpoints and no more', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({ host: `${index}.test`, port: 1 }));
    expect(readSnapshot(many)).toHaveLength(10_000);
    expectOptionErrors('snapshot', [[...many, { path: '/x' }]], readSnapshot);
    expect(readSnapshot([])).toEqual([]);
  });

  it('refuses what is no list', () => {
    const lists = [undefined, null, 5, 'x', {}, new Set(), { length: 0 }, Array(2 ** 32 - 1)];
    expectOptionErrors('snapshot', lists, readSnapshot);
  });

  const host = { host: 'a.test', port: 1 };
  const having = (member: string, values: unknown[]): unknown[] =>
    values.map((value) => Object.assign({ [member]: value }, host));
  it.for<[string, unknown[]]>([
    ['', [undefined, null, 5, 'a.test:1', [], { ...host, path: '/x' }, { ...host, url: 'x' }, Array(1)]],
    ['.port', [{ host: 'a.test' }, { host: 'a.test', port: 0 }, { host: 'a.test', port: '1' }]],
    ['.host', [{ port: 1, host: '' }, { port: 1, host: 'http://a.test' }, { port: 1 }]],
    ['.path', [{ path: '' }, { path: 5 }]],
    ['.weight', having('weight', [-1, NaN, Infinity, '1', null, 1n])],
    ['.priority', having('priority', [-1, 0.5, NaN, Infinity, '1', null])],
    ['.servername', having('servername', ['', 'a b', 'a:1', 5, null])],
  ])('refuses a wrong endpoint%s', ([member, wrong]) => {
    expectOptionErrors(`snapshot[1]${member}`, wrong, (each) => readSnapshot([{ path: '/ok' }, each]));
  });
});

describe('endpointKey', () => {
  it('is the same for the same address and name only', () => {
    fc.assert(
      fc.property(endpoint, endpoint, (one, other) => {
        const identity = (each: DiscoveredEndpoint): unknown[] =>
          [each.host, each.port, each.path, each.servername].map((part) => part ?? null);
        const isSame =
          JSON.stringify(identity(one as DiscoveredEndpoint)) ===
          JSON.stringify(identity(other as DiscoveredEndpoint));
        expect(endpointKey(one as DiscoveredEndpoint) === endpointKey(other as DiscoveredEndpoint)).toBe(
          isSame,
        );
      }),
    );
  });

  it.for([
    [
      { host: 'a', port: 1 },
      { host: 'a', port: 11 },
    ],
    [{ host: '/a', port: 1 }, { path: '/a' }],
    [{ path: '/a' }, { path: '/a', servername: 'a' }],
    [{ path: '/a","b' }, { path: '/a', servername: 'b' }],
    [
      { host: 'a', port: 1, servername: 'b' },
      { host: 'a', port: 1, servername: 'c' },
    ],
  ] as [DiscoveredEndpoint, DiscoveredEndpoint][])('tells %j from %j', ([one, other]) => {
    expect(endpointKey(one)).not.toBe(endpointKey(other));
  });

  it('does not depend on weight or priority', () => {
    const plain = { host: 'a', port: 1 };
    expect(endpointKey({ ...plain, weight: 2, priority: 3 })).toBe(endpointKey(plain));
  });
});
