import * as fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Queue } from '../../src/gate/queue.js';

afterEach(() => void vi.restoreAllMocks());

describe('a queue', () => {
  test('is first come, first served, whoever leaves or comes back', () => {
    const member = fc.nat(20);
    const step = fc.oneof(
      fc.record({ verb: fc.constant('add' as const), member }),
      fc.record({ verb: fc.constant('delete' as const), member }),
      fc.record({ verb: fc.constant('serve' as const), member }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
        const queue = new Queue<number>();
        let model: number[] = [];
        for (const { verb, member: each } of steps) {
          if (verb === 'add') {
            queue.add(each);
            if (!model.includes(each)) model.push(each);
          } else {
            const leaves = verb === 'serve' ? model[0] : each;
            const wasThere = leaves !== undefined && model.includes(leaves);
            expect(leaves !== undefined && queue.delete(leaves)).toBe(wasThere);
            model = model.filter((other) => other !== leaves);
          }
          expect(queue.first).toBe(model[0]);
          expect([queue.size, [...queue], queue.has(each)]).toEqual([
            model.length,
            model,
            model.includes(each),
          ]);
        }
      }),
    );
  });

  test.for([
    ['from the front', (queue: Queue<number>) => queue.first as number],
    ['from the back', (_: Queue<number>, left: number) => left - 1],
  ] as const)('lets 10 000 leave %s without passing by the others each time', ([, who]) => {
    const count = 10_000;
    const queue = new Queue<number>();
    for (let member = 0; member < count; member += 1) queue.add(member);
    const iterator = Object.getPrototypeOf(new Set().values()) as { next: () => IteratorResult<unknown> };
    const next = vi.spyOn(iterator, 'next');
    const values = vi.spyOn(Set.prototype, 'values');
    for (let left = count; left > 0; left -= 1) {
      expect(queue.first).toBeDefined();
      queue.delete(who(queue, left));
    }
    const steps = next.mock.calls.length;
    const begun = values.mock.calls.length;
    vi.restoreAllMocks();
    expect(queue.size).toBe(0);
    expect(steps).toBeLessThanOrEqual(count + 2);
    expect(begun).toBeLessThanOrEqual(2);
  });
});
