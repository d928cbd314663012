import { array, assert, integer, nat, oneof, property, record, constant as always } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../src/balance/heap.js';
import { Ring } from '../../src/balance/ring.js';
import { Row } from '../../src/balance/row.js';
import { candidates, type Numbered } from './candidates.js';

const most = 12;
const steps = array(
  record({
    what: oneof(always('add'), always('remove'), always('use')),
    which: nat(most - 1),
    value: integer({ min: 0, max: 5 }),
  }),
  { maxLength: 60 },
);

describe('a ring', () => {
  it('is a queue in which who is picked goes to its end', () => {
    assert(
      property(steps, (list) => {
        const all = candidates(most);
        const ring = new Ring<Numbered>();
        let model: Numbered[] = [];
        for (const { what, which } of list) {
          const one = all[which] as Numbered;
          const isIn = model.includes(one);
          if (what === 'use') {
            expect(ring.pick()).toBe(model[0]);
            model = [...model.slice(1), ...model.slice(0, 1)];
          } else if (what === 'add' && !isIn) {
            ring.add(one);
            model.push(one);
          } else if (what === 'remove' && isIn) {
            ring.remove(one);
            model = model.filter((each) => each !== one);
            expect([one.next, one.previous]).toEqual([undefined, undefined]);
          }
          expect(ring.isEmpty).toBe(model.length === 0);
        }
        expect(model.map(() => ring.pick())).toEqual(model);
      }),
    );
  });
});

describe('a row', () => {
  it('holds what was added and not removed, each once, without gaps', () => {
    assert(
      property(steps, (list) => {
        const all = candidates(most);
        const row = new Row<Numbered>();
        const model = new Set<Numbered>();
        for (const { what, which } of list) {
          const one = all[which] as Numbered;
          if (what === 'add' && !model.has(one)) {
            row.add(one);
            model.add(one);
          } else if (what === 'remove' && model.has(one)) {
            row.remove(one);
            model.delete(one);
            expect(one.index).toBe(-1);
          }
          expect(row.length).toBe(model.size);
          const held = Array.from({ length: row.length }, (_, index) => row.at(index));
          expect(new Set(held)).toEqual(model);
          for (const [index, each] of held.entries()) expect(each?.index).toBe(index);
          expect(row.at(row.length)).toBeUndefined();
        }
      }),
    );
  });
});

describe('a heap', () => {
  it('has what comes first at its top, whatever is added, removed or changed', () => {
    assert(
      property(steps, (list) => {
        const all = Array.from({ length: most }, (_, id) => ({ id, value: 0, index: -1 }));
        const heap = new Heap<(typeof all)[number]>((a, b) => a.value < b.value);
        const model = new Set<(typeof all)[number]>();
        for (const { what, which, value } of list) {
          const one = all[which] as (typeof all)[number];
          if (what === 'add' && !model.has(one)) {
            one.value = value;
            heap.add(one);
            model.add(one);
          } else if (what === 'remove' && model.has(one)) {
            heap.remove(one);
            model.delete(one);
            expect(one.index).toBe(-1);
          } else if (what === 'use' && model.has(one)) {
            one.value = value;
            heap.moved(one);
          }
          const least = Math.min(...[...model].map((each) => each.value));
          expect(heap.first?.value).toBe(model.size > 0 ? least : undefined);
          expect(heap.first === undefined || model.has(heap.first)).toBe(true);
        }
        const values = [...model].map((each) => each.value).toSorted((a, b) => a - b);
        const drawn = values.map(() => {
          const first = heap.first as (typeof all)[number];
          heap.remove(first);
          return first.value;
        });
        expect(drawn).toEqual(values);
        expect(heap.first).toBeUndefined();
      }),
    );
  });

  it('stays in order when one is removed from the middle', () => {
    const values = array(integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 });
    assert(
      property(values, nat(), (list, which) => {
        const items = list.map((value) => ({ value, index: -1 }));
        const heap = new Heap<(typeof items)[number]>((a, b) => a.value < b.value);
        for (const item of items) heap.add(item);
        const [removed] = items.splice(which % items.length, 1);
        if (removed) heap.remove(removed);
        const ascending = items.map(({ value }) => value).toSorted((a, b) => a - b);
        for (const value of ascending) {
          expect(heap.first?.value).toBe(value);
          if (heap.first) heap.remove(heap.first);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
