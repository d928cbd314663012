import {
  array,
  assert,
  constantFrom,
  double,
  infiniteStream,
  integer,
  nat,
  oneof,
  property,
  record,
  tuple,
  type Arbitrary,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinct, endpointKey, type DiscoveredEndpoint } from '../../../src/discovery/index.js';
import { plan, type Plan } from '../../../src/pool/following/plan.js';

interface PlannedConnection {
  readonly id: number;
  readonly key: string;
}

interface Case {
  readonly members: readonly PlannedConnection[];
  readonly snapshot: readonly DiscoveredEndpoint[];
  readonly perEndpoint: number;
}

// Few addresses, so that what there is and what is wanted often meet.
const address = record({ host: constantFrom('a', 'b', 'c'), port: integer({ min: 1, max: 4 }) });
const weight = oneof(integer({ min: 0, max: 4 }), double({ min: 0, max: 1e9, noNaN: true }));
const discovered: Arbitrary<DiscoveredEndpoint> = tuple(
  address,
  record({ weight, priority: integer({ min: 0, max: 2 }) }, { requiredKeys: [] }),
).map(([where, rest]) => Object.assign({}, where, rest));
const snapshots = array(discovered, { minLength: 1, maxLength: 12 }).map(distinct);
const connections = array(address, { maxLength: 30 }).map((list) =>
  list.map((endpoint, id) => ({ id, key: endpointKey(endpoint) })),
);
const cases: Arbitrary<Case> = record({
  members: connections,
  snapshot: snapshots,
  perEndpoint: integer({ min: 1, max: 7 }),
});

function planOf({ members, snapshot, perEndpoint }: Case): Plan<PlannedConnection> {
  return plan(members, snapshot, perEndpoint);
}

function counts(keys: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const key of keys) found.set(key, (found.get(key) ?? 0) + 1);
  return found;
}

/** How many connections each endpoint is to have, worked out for one endpoint at a time. */
function wanted({ key, snapshot, perEndpoint }: Omit<Case, 'members'> & { readonly key: string }): number {
  const endpoint = snapshot.find((each) => endpointKey(each) === key);
  if (!endpoint) return 0;
  const peers = snapshot.filter(({ priority = 0 }) => priority === (endpoint.priority ?? 0));
  const greatest = Math.max(...peers.map(({ weight: each = 1 }) => each));
  const share = greatest === 0 ? 1 : (endpoint.weight ?? 1) / greatest;
  return Math.max(1, Math.round(perEndpoint * share));
}

/** The connections that there are once a plan is carried out. */
function carriedOut({ keep, open }: Plan<PlannedConnection>): PlannedConnection[] {
  return [...keep, ...open.map((endpoint, index) => ({ id: 1_000 + index, key: endpointKey(endpoint) }))];
}

const ids = (list: readonly PlannedConnection[]): number[] => list.map(({ id }) => id);
const ascending = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);

/** Holds for every case, or fast-check says which is the smallest for which it does not. */
function always(holds: (given: Case) => void): void {
  assert(property(cases, holds), { numRuns: 500 });
}

describe('a plan', () => {
  it('keeps or drains each connection, and none twice', () => {
    always((given) => {
      const { keep, drain } = planOf(given);
      expect(ascending([...ids(keep), ...ids(drain)])).toEqual(ids(given.members));
    });
  });

  it('leads to exactly as many connections to each endpoint as are wanted, and to none elsewhere', () => {
    always((given) => {
      const after = counts(carriedOut(planOf(given)).map(({ key }) => key));
      const expected = given.snapshot
        .map(endpointKey)
        .map((key) => [key, wanted({ ...given, key })] as const);
      expect(after).toEqual(new Map(expected));
    });
  });

  it('does not touch an endpoint that has as many connections as are wanted', () => {
    always((given) => {
      const { open, drain } = planOf(given);
      const touched = new Set([...open.map(endpointKey), ...drain.map(({ key }) => key)]);
      const before = counts(given.members.map(({ key }) => key));
      for (const [key, count] of before) {
        if (count === wanted({ ...given, key })) expect(touched).not.toContain(key);
      }
    });
  });

  it('never opens and drains connections to the same endpoint', () => {
    always((given) => {
      const { open, drain } = planOf(given);
      const opened = new Set(open.map(endpointKey));
      expect(drain.filter(({ key }) => opened.has(key))).toEqual([]);
    });
  });

  it('has nothing left to do once it is carried out', () => {
    always((given) => {
      const members = carriedOut(planOf(given));
      const again = plan(members, given.snapshot, given.perEndpoint);
      expect(again).toEqual({ open: [], keep: members, drain: [] });
    });
  });

  it('goes by what is in the snapshot, not by its order', () => {
    assert(
      property(cases, infiniteStream(nat()), (given, numbers) => {
        const order = new Map(given.snapshot.map((endpoint) => [endpoint, numbers.next().value as number]));
        const shuffled = given.snapshot.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
        const [one, other] = [planOf(given), planOf({ ...given, snapshot: shuffled })];
        expect(other.keep).toEqual(one.keep);
        expect(other.drain).toEqual(one.drain);
        expect(counts(other.open.map(endpointKey))).toEqual(counts(one.open.map(endpointKey)));
      }),
    );
  });

  it('drains the last connections to an endpoint that has too many', () => {
    always((given) => {
      const { keep, drain } = planOf(given);
      for (const { id, key } of drain) {
        expect(keep.filter((kept) => kept.key === key && kept.id > id)).toEqual([]);
      }
    });
  });

  it('gives the heaviest of a priority all, the others their share of it, and each at least one', () => {
    always((given) => {
      const { snapshot, perEndpoint } = given;
      const opened = counts(plan([], snapshot, perEndpoint).open.map(endpointKey));
      for (const one of snapshot) {
        const peers = snapshot.filter(({ priority = 0 }) => priority === (one.priority ?? 0));
        const [count, most] = [
          opened.get(endpointKey(one)) ?? 0,
          Math.max(...peers.map((each) => each.weight ?? 1)),
        ];
        expect(count).toBeGreaterThanOrEqual(1);
        expect(count).toBeLessThanOrEqual(perEndpoint);
        if ((one.weight ?? 1) === most) expect(count).toBe(perEndpoint);
        for (const other of peers) {
          if ((other.weight ?? 1) >= (one.weight ?? 1))
            expect(opened.get(endpointKey(other))).toBeGreaterThanOrEqual(count);
        }
        const exact = most > 0 ? (perEndpoint * (one.weight ?? 1)) / most : perEndpoint;
        if (count > 1) expect(Math.abs(count - exact)).toBeLessThanOrEqual(0.5);
      }
    });
  });

  it('is the same for the same names and weights in numbers', () => {
    const snapshot = [
      { host: 'big', port: 1, weight: 4 },
      { host: 'half', port: 1, weight: 2 },
      { host: 'tiny', port: 1, weight: 0.01 },
      { host: 'backup', port: 1, weight: 0.01, priority: 1 },
    ];
    const { open } = plan([{ key: endpointKey({ host: 'half', port: 1 }) }], snapshot, 4);
    expect(open.map(({ host }) => host)).toEqual([
      'big',
      'big',
      'big',
      'big',
      'half',
      'tiny',
      'backup',
      'backup',
      'backup',
      'backup',
    ]);
  });
});
