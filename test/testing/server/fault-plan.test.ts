import { expect, test } from 'vitest';
import { OptionError } from '../../../src/primitives/errors.js';
import { echo, silent, slow, stall } from '../../../src/testing/index.js';
import { toFaultPlan } from '../../../src/testing/server/fault-plan.js';

test('without faults a connection is healthy', () => {
  const { openings, reads, slice, finish, answersEnd } = toFaultPlan([]);
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
  expect(toFaultPlan(answers).answer).toBe(answers[1]?.answer);
  const plan = toFaultPlan([slow({ bytes: 2 }), stall(), silent()]);
  expect([plan.slice, plan.reads]).toEqual([2, false]);
});

test.each([undefined, null, 'echo', echo, [echo], [echo(), undefined]])(
  'a script that returns %o is refused',
  (value) => {
    expect(() => toFaultPlan(Object(value))).toThrow(OptionError);
  },
);
