import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.js';
import { newGate, ScriptedRequester } from './scripted-requester.js';

const many = 1_000;
/** How often a requester may be looked at in such a course. */
const enough = 100;

let looks = 0;

/** Counts how often the gate looks at it. */
function watch(requester: ScriptedRequester): ScriptedRequester {
  for (const name of ['owner', 'options'] as const) {
    const value = requester[name];
    Object.defineProperty(requester, name, {
      get() {
        looks += 1;
        return value;
      },
    });
  }
  return requester;
}

beforeEach(() => {
  looks = 0;
  useFakeTime();
});
afterEach(() => void vi.useRealTimers());

const ends: Readonly<Record<string, (each: ScriptedRequester) => void>> = {
  'are lost': (each) => each.lose(),
  'are ended by their owner': (each) => each.lose('owner'),
  'are refused': (each) => each.refuse(),
  'end as planned': (each) => each.lose('planned'),
  'are disconnected': (each) => each.disconnect(),
};

const cases = Object.entries(ends).flatMap(([what, end]) =>
  [true, false].map((isPool) => ({ what, end, isPool, who: isPool ? 'of a pool' : 'lone ones' })),
);

test.for(cases)('many $who that $what together: the gate looks at each a few times', ({ end, isPool }) => {
  const gate = newGate();
  const owner = {};
  const all = Array.from({ length: many }, () =>
    watch(new ScriptedRequester(gate, { stableAfter: 0 }, isPool ? owner : undefined)),
  );
  for (const each of all) each.onDial = () => setTimeout(() => each.succeed(), 1);
  for (const each of all) each.arrive();
  vi.advanceTimersByTime(10_000);
  expect(all.filter(({ where }) => where === 'alive')).toHaveLength(many);
  for (const each of all) end(each);
  vi.advanceTimersByTime(10_000);
  expect(new Set(all.map(({ where }) => where)).size).toBe(1);
  expect(looks / many).toBeLessThan(enough);
});

test('of many, at most 64 dials begin at a time, though more may be in flight', () => {
  const gate = newGate();
  const begun = new Map<number, number>();
  let [inFlight, most] = [0, 0];
  const all = Array.from({ length: many }, () => new ScriptedRequester(gate, { stableAfter: 0 }));
  for (const each of all) {
    each.onDial = () => {
      begun.set(performance.now(), (begun.get(performance.now()) ?? 0) + 1);
      most = Math.max(most, (inFlight += 1));
      setTimeout(() => ((inFlight -= 1), each.succeed()), 5);
    };
  }
  for (const each of all) each.arrive();
  vi.advanceTimersByTime(10_000);
  expect(all.filter(({ where }) => where === 'alive')).toHaveLength(many);
  expect(Math.max(...begun.values())).toBe(64);
  expect(most).toBe(256);
});
