import { expect, test } from 'vitest';
import { OptionError } from '../../../src/primitives/errors.js';
import { echo, silent, slow, stall } from '../../../src/testing/index.js';
import { planOf } from '../../../src/testing/server/plan.js';

test('without faults a connection is healthy', () => {
  const { openings, reads, slice, finish, answersEnd } = planOf([]);
  expect({ openings, reads, slice, finish, answersEnd }).toEqual({
    openings: [],
    reads: true,
    slice: Infinity,
    finish: { at: Infinity, how: 'end' },
    answersEnd: true,
  });
});

test('the later answer holds, and what a fault does not say stays', () => {
  const answers = [silent(), echo()];
  expect(planOf(answers).answer).toBe(answers[1]?.answer);
  const plan = planOf([slow({ bytes: 2 }), stall(), silent()]);
  expect([plan.slice, plan.reads]).toEqual([2, false]);
});

test.each([undefined, null, 'echo', echo, [echo], [echo(), undefined]])(
  'a script that returns %o is refused',
  (value) => {
    expect(() => planOf(Object(value))).toThrow(OptionError);
  },
);
