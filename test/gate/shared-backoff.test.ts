import { describe, expect, test } from 'vitest';
import type { Backoff } from '../../src/index.js';
import { SharedBackoff } from '../../src/gate/shared-backoff.js';
import { newGate, ScriptedRequester } from './scripted-requester.js';

const gate = newGate();

/** Those who have a backoff of so many milliseconds, as many more each time. */
function kind(delay: number, count = 1): ScriptedRequester[] {
  const steps = (step = 1): Backoff => ({ delay: step * delay, next: () => steps(step + 1) });
  const firstBackoff = (): Backoff => steps();
  return Array.from({ length: count }, () => new ScriptedRequester(gate, { firstBackoff }));
}

describe('the backoff that is shared', () => {
  test('takes one step for all who wait', () => {
    const backoff = new SharedBackoff();
    const all = kind(10, 50);
    expect([1, 2, 3].map(() => backoff.wait('failure', all))).toEqual([10, 20, 30]);
  });

  test('is the shortest where options differ, and each kind keeps its own step', () => {
    const backoff = new SharedBackoff();
    const [fast, slow] = [kind(10, 2), kind(25, 2)];
    expect(backoff.wait('failure', [...slow, ...fast])).toBe(10);
    expect(backoff.wait('failure', [...fast, ...slow])).toBe(20);
    expect(backoff.wait('failure', slow)).toBe(75);
    expect(backoff.wait('failure', [...fast, ...slow])).toBe(30);
  });

  test('goes back, when a dial has succeeded, to where losses have led', () => {
    const backoff = new SharedBackoff();
    const all = kind(10);
    expect([backoff.wait('loss', all), backoff.wait('loss', all)]).toEqual([10, 20]);
    expect([backoff.wait('failure', all), backoff.wait('failure', all)]).toEqual([30, 40]);
    backoff.goBack();
    expect([backoff.wait('loss', all), backoff.wait('failure', all)]).toEqual([30, 40]);
    backoff.restart();
    expect(backoff.wait('failure', all)).toBe(10);
    backoff.goBack();
    expect(backoff.wait('failure', all)).toBe(10);
  });

  test('draws a first wait beside the steps that were taken', () => {
    const backoff = new SharedBackoff();
    const all = kind(10);
    expect(backoff.wait('failure', all)).toBe(10);
    expect(backoff.wait('first', all)).toBe(10);
    expect(backoff.wait('failure', all)).toBe(20);
    backoff.restart();
    expect([backoff.wait('first', all), backoff.wait('failure', all)]).toEqual([10, 20]);
  });

  test('is no wait where nobody waits', () => {
    expect(new SharedBackoff().wait('failure', [])).toBe(0);
  });

  test('tells one of those whose own backoff fails, and waits a second for them', () => {
    const backoff = new SharedBackoff();
    const cause = new Error('no idea');
    const firstBackoff = (): Backoff => {
      throw cause;
    };
    const [first, second] = [0, 1].map(() => new ScriptedRequester(gate, { firstBackoff })) as [
      ScriptedRequester,
      ScriptedRequester,
    ];
    expect(backoff.wait('failure', [first, second])).toBe(1_000);
    expect([first.errors, second.errors]).toEqual([[cause], []]);
    expect(backoff.wait('failure', [first, second, ...kind(10)])).toBe(10);
  });
});
