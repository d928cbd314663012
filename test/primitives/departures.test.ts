import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Departures } from '../../src/primitives/departures.js';

test('resolves when all are gone that were there, whoever comes later', async () => {
  const step = fc.record({ verb: fc.constantFrom('come', 'go', 'go', 'wait'), which: fc.nat(20) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const departures = new Departures();
      let present: { readonly id: number }[] = [];
      let made = 0;
      const waits: { readonly for: typeof present; isOver: boolean }[] = [];
      for (const { verb, which } of steps) {
        if (verb === 'come') {
          made += 1;
          present.push({ id: made });
        } else if (verb === 'wait') {
          const wait = { for: [...present], isOver: false };
          waits.push(wait);
          void departures.wait(present).then(() => (wait.isOver = true));
        } else {
          const [leaver] = present.splice(which % Math.max(1, present.length), 1);
          if (leaver) departures.gone(leaver);
        }
        await Promise.resolve();
        expect(waits.map(({ isOver }) => isOver)).toEqual(
          waits.map((wait) => wait.for.every((each) => !present.includes(each))),
        );
      }
    }),
  );
});
