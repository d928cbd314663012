import { array, assert, constant as always, nat, oneof, property, record } from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { OrderedList, type Numbered } from '../../src/primitives/ordered-list.js';

const most = 12;
const steps = array(
  record({
    what: oneof(always('add'), always('delete'), always('at'), always('toArray')),
    which: nat(most - 1),
  }),
  { maxLength: 80, size: 'max' },
);

function items(count: number): Numbered[] {
  return Array.from({ length: count }, (_, id) => ({ id }));
}

/** What it costs to take out all of so many, in this order: how often a number is read, and how many places are copied. */
function cost(
  count: number,
  next: (place: number, count: number) => number,
): { reads: number; copied: number } {
  let reads = 0;
  const all = items(count).map(({ id }) => ({
    get id() {
      reads += 1;
      return id;
    },
  }));
  const ordered = new OrderedList<Numbered>();
  for (const item of all) ordered.add(item);
  const filter = vi.spyOn(Array.prototype, 'filter');
  reads = 0;
  for (let place = 0; place < count; place += 1) ordered.delete(all[next(place, count)] as Numbered);
  const copied = filter.mock.contexts.reduce<number>((sum, places) => sum + Object(places).length, 0);
  filter.mockRestore();
  expect(ordered.size).toBe(0);
  return { reads, copied };
}

describe('an ordered list', () => {
  it('is as a plain array would be, whatever is done in whatever order', () => {
    assert(
      property(steps, (list) => {
        const all = items(most);
        const ordered = new OrderedList<Numbered>();
        let model: Numbered[] = [];
        for (const { what, which } of list) {
          const one = all[which] as Numbered;
          if (what === 'add' && !model.includes(one)) {
            ordered.add(one);
            model = all.filter((each) => each === one || model.includes(each));
          } else if (what === 'delete') {
            ordered.delete(one);
            model = model.filter((each) => each !== one);
          } else if (what === 'at') expect(ordered.at(which)).toBe(model[which]);
          else if (what === 'toArray') expect(ordered.toArray()).toEqual(model);
          expect(ordered.size).toBe(model.length);
        }
        expect(model.map((_, index) => ordered.at(index))).toEqual(model);
        expect(ordered.at(model.length)).toBeUndefined();
      }),
    );
  });

  it('does not take out another of the same number', () => {
    const ordered = new OrderedList<Numbered>();
    const [one, double] = [{ id: 1 }, { id: 1 }];
    ordered.add(one);
    ordered.delete(double);
    expect(ordered.toArray()).toEqual([one]);
    ordered.delete(one);
    ordered.delete(one);
    expect(ordered.size).toBe(0);
  });

  it('gives copies, which later changes leave alone', () => {
    const ordered = new OrderedList<Numbered>();
    const all = items(4);
    for (const item of all) ordered.add(item);
    const before = ordered.toArray();
    for (const item of before) ordered.delete(item);
    expect(before).toEqual(all);
  });

  it.for([
    ['from the first', (place: number) => place],
    ['from the last', (place: number, count: number) => count - 1 - place],
    ['here and there', (place: number, count: number) => (place * 7_919) % count],
  ] as const)('does not look at all of it for each that is taken out: %s', ([, next]) => {
    const count = 2_000;
    const { reads, copied } = cost(count, next);
    expect(reads).toBeLessThanOrEqual(count * (Math.log2(count) + 4));
    expect(copied).toBeLessThanOrEqual(3 * count);
  });

  it('keeps nothing of what was taken out', () => {
    const ordered = new OrderedList<Numbered>();
    const all = items(100);
    for (const item of all) ordered.add(item);
    const gone = new Set(all.filter(({ id }) => id % 3 === 0));
    for (const item of gone) ordered.delete(item);
    expect(ordered.toArray().some((item) => gone.has(item))).toBe(false);
    expect(ordered.at(0)).toBe(all[1]);
  });
});
