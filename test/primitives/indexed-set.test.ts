import { array, assert, constant as always, nat, oneof, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IndexedSet } from '../../src/primitives/indexed-set.js';

const most = 12;
const steps = array(
  record({
    what: oneof(always('add'), always('delete'), always('at'), always('toArray')),
    which: nat(most - 1),
  }),
  { maxLength: 80, size: 'max' },
);

describe('an indexed set', () => {
  it('is as a plain array would be, whatever is done in whatever order', () => {
    assert(
      property(steps, (list) => {
        const set = new IndexedSet<number>();
        let model: number[] = [];
        for (const { what, which } of list) {
          if (what === 'add') {
            set.add(which);
            if (!model.includes(which)) model.push(which);
          } else if (what === 'delete') {
            set.delete(which);
            model = model.filter((each) => each !== which);
          } else if (what === 'at') expect(set.at(which)).toBe(model[which]);
          else if (what === 'toArray') expect(set.toArray()).toEqual(model);
          expect(set.size).toBe(model.length);
        }
        expect(model.map((_, index) => set.at(index))).toEqual(model);
        expect(set.at(model.length)).toBeUndefined();
      }),
    );
  });

  it('gives copies, which later changes leave alone', () => {
    const set = new IndexedSet<number>();
    for (const each of [1, 2, 3]) set.add(each);
    const before = set.toArray();
    for (const each of before) set.delete(each);
    expect(before).toEqual([1, 2, 3]);
  });
});
