import { describe, expect, test } from 'vitest';
import type { Backoff } from '../../src/index.js';
import type { Wait } from '../../src/gate/decision.js';
import { reportFailures, SharedBackoff } from '../../src/gate/shared-backoff.js';
import { newGate, ScriptedRequester } from './scripted-requester.js';

const gate = newGate();

/** Requesters with a backoff of `delay`, 2 · `delay` and so on. */
function kind(delay: number, count = 1): ScriptedRequester[] {
  const steps = (step = 1): Backoff => ({ delay: step * delay, next: () => steps(step + 1) });
  const firstBackoff = (): Backoff => steps();
  return Array.from({ length: count }, () => new ScriptedRequester(gate, { firstBackoff }));
}

/** Draws a wait and begins it; says how long it is. */
function take(
  backoff: SharedBackoff,
  wait: NonNullable<Wait>,
  requesters: readonly ScriptedRequester[],
): number {
  const drawn = backoff.draw(wait, requesters, false);
  backoff.apply(drawn);
  return drawn.delay;
}

describe('the backoff that is shared', () => {
  test('takes one step for all who wait', () => {
    const backoff = new SharedBackoff();
    const all = kind(10, 50);
    expect([1, 2, 3].map(() => take(backoff, 'failure', all))).toEqual([10, 20, 30]);
  });

  test('is the shortest where options differ, and each kind keeps its own step', () => {
    const backoff = new SharedBackoff();
    const [fast, slow] = [kind(10, 2), kind(25, 2)];
    expect(take(backoff, 'failure', [...slow, ...fast])).toBe(10);
    expect(take(backoff, 'failure', [...fast, ...slow])).toBe(20);
    expect(take(backoff, 'failure', slow)).toBe(75);
    expect(take(backoff, 'failure', [...fast, ...slow])).toBe(30);
  });

  test('goes back, when a dial has succeeded, to where losses have led', () => {
    const backoff = new SharedBackoff();
    const all = kind(10);
    expect([take(backoff, 'loss', all), take(backoff, 'loss', all)]).toEqual([10, 20]);
    expect([take(backoff, 'failure', all), take(backoff, 'failure', all)]).toEqual([30, 40]);
    backoff.goBack();
    expect([take(backoff, 'loss', all), take(backoff, 'failure', all)]).toEqual([30, 40]);
    backoff.restart();
    expect(take(backoff, 'failure', all)).toBe(10);
    backoff.goBack();
    expect(take(backoff, 'failure', all)).toBe(10);
  });

  test('draws a first wait beside the steps that were taken', () => {
    const backoff = new SharedBackoff();
    const all = kind(10);
    expect(take(backoff, 'failure', all)).toBe(10);
    expect(take(backoff, 'first', all)).toBe(10);
    expect(take(backoff, 'failure', all)).toBe(20);
    backoff.restart();
    expect([take(backoff, 'first', all), take(backoff, 'failure', all)]).toEqual([10, 20]);
  });

  test('is no wait without requesters', () => {
    expect(take(new SharedBackoff(), 'failure', [])).toBe(0);
  });

  test('counts no wait that was drawn and not taken', () => {
    const backoff = new SharedBackoff();
    const all = kind(10);
    expect(take(backoff, 'failure', all)).toBe(10);
    for (let times = 0; times < 3; times += 1) expect(backoff.draw('failure', all, false).delay).toBe(20);
    expect(backoff.draw('failure', all, true).delay, 'as if a life had been stable').toBe(10);
    expect(take(backoff, 'failure', all)).toBe(20);
  });

  test('has the last wait for a change for which none was drawn', () => {
    const backoff = new SharedBackoff();
    expect(backoff.delayOf(undefined)).toBe(0);
    take(backoff, 'failure', kind(10));
    expect(backoff.delayOf(undefined)).toBe(10);
    expect(backoff.delayOf(backoff.draw('failure', kind(7), false))).toBe(7);
  });

  test('tells one of those whose own backoff fails, and waits a second for them', async () => {
    const backoff = new SharedBackoff();
    const cause = new Error('no idea');
    const firstBackoff = (): Backoff => {
      throw cause;
    };
    const [first, second] = [0, 1].map(() => new ScriptedRequester(gate, { firstBackoff })) as [
      ScriptedRequester,
      ScriptedRequester,
    ];
    const drawn = backoff.draw('failure', [first, second], false);
    expect(drawn.delay).toBe(1_000);
    reportFailures(drawn);
    expect([first.errors, second.errors], 'in the middle of the change').toEqual([[], []]);
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect([first.errors, second.errors]).toEqual([[cause], []]);
    expect(take(backoff, 'failure', [first, second, ...kind(10)])).toBe(10);
  });
});
