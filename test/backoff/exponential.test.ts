import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Backoff, exponential } from '../../src/backoff/index.js';
import { ConnmanError, OptionError } from '../../src/primitives/errors.js';
import { chance, delaysOf, noChance, repeating, thrownBy } from './steps.js';

const longest = 2_147_483_647;
const time = fc.double({ min: 1, max: longest, noNaN: true });

/** What adding numbers of this size may make of them. */
const rounding = 1 + 1e-9;

const validOptions = fc
  .record({
    times: fc.tuple(time, time),
    factor: fc.double({ min: 1, max: 1_000, noNaN: true }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    chances: fc.array(chance, { minLength: 1, maxLength: 20 }),
  })
  .map(({ times, factor, jitter, chances }) => ({
    initial: Math.min(...times),
    max: Math.max(...times),
    factor,
    jitter,
    random: repeating(chances),
  }));

/** When the first `count` dials are made, if each fails at once. */
function dialTimes(first: Backoff, count: number): number[] {
  let now = 0;
  return delaysOf(first, count).map((delay) => (now += delay));
}

describe('exponential()', () => {
  it('draws the first delay between nothing and all of initial', () => {
    fc.assert(
      fc.property(validOptions, (options) => {
        const { delay } = exponential(options);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThan(options.initial);
      }),
    );
  });

  it('keeps every later delay between its base less the jitter and its base', () => {
    fc.assert(
      fc.property(validOptions, (options) => {
        const { initial, factor, max, jitter } = options;
        const [first = 0, ...later] = delaysOf(exponential(options), 30);
        let waited = first;
        for (const delay of later) {
          const base = Math.min(max, Math.max(initial * factor, (factor - 1) * waited));
          expect(delay).toBeLessThanOrEqual(base);
          expect(delay).toBeGreaterThanOrEqual(base * (1 - jitter));
          waited += delay;
        }
      }),
    );
  });

  it('grows no faster than initial by factor from delay to delay', () => {
    fc.assert(
      fc.property(validOptions, (options) => {
        for (const [n, delay] of delaysOf(exponential(options), 30).entries()) {
          expect(delay).toBeLessThanOrEqual(options.initial * options.factor ** n * rounding);
        }
      }),
    );
  });

  it('dials after the end of an outage within factor - 1 times its length, or initial by factor', () => {
    fc.assert(
      fc.property(validOptions, fc.double({ min: 0, max: 1, noNaN: true }), (options, part) => {
        const dials = dialTimes(exponential(options), 30);
        const outage = part * (dials.at(-1) ?? 0);
        const back = dials.find((dial) => dial >= outage) ?? Infinity;
        const most = Math.max((options.factor - 1) * outage, options.initial * options.factor);
        expect(back - outage).toBeLessThanOrEqual(Math.min(most, options.max) * rounding);
      }),
    );
  });

  it.each([900, 1_000, 3_000, 10_000, 60_000])(
    'is back within one and a half times an outage of %i ms, with the defaults and any luck',
    (outage) => {
      fc.assert(
        fc.property(fc.array(chance, { minLength: 1, maxLength: 20 }), (chances) => {
          const dials = dialTimes(exponential({ random: repeating(chances) }), 60);
          expect(dials.find((dial) => dial >= outage)).toBeLessThanOrEqual(1.5 * outage * rounding);
        }),
      );
    },
  );

  it('reaches max, whatever chance takes away', () => {
    const options = { initial: 10, factor: 1.5, max: 5_000, jitter: 1, random: repeating([0.999, 0.9]) };
    expect(Math.max(...delaysOf(exponential({ ...options, jitter: 0.5 }), 100))).toBeGreaterThan(2_500);
    expect(Math.max(...delaysOf(exponential(options), 500))).toBeCloseTo(500);
  });

  it('never waits longer than max, nor less than nothing', () => {
    fc.assert(
      fc.property(validOptions, (options) => {
        for (const delay of delaysOf(exponential(options), 200)) {
          expect(delay).toBeLessThanOrEqual(options.max);
          expect(delay).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it.each([1, 1.000_1, 2, 1_000])('still gives usable delays after 10 000 steps of factor %s', (factor) => {
    const options = { initial: 1, factor, max: longest, jitter: 0, random: () => 0.5 };
    const delays = delaysOf(exponential(options), 10_001);
    expect(delays.every((delay) => Number.isFinite(delay) && delay >= 0 && delay <= longest)).toBe(true);
    expect(delays.at(-1)).toBeCloseTo(factor < 2 ? factor : longest, 3);
  });

  it.each<[factor: number, delays: number[]]>([
    [1, [50, 100, 100, 100, 100, 100]],
    [1.5, [50, 150, 150, 175, 262.5, 393.75]],
    [2, [50, 200, 250, 500, 1_000, 2_000]],
    [3, [50, 300, 700, 2_000, 2_000, 2_000]],
    [10, [50, 1_000, 2_000, 2_000, 2_000, 2_000]],
  ])('grows by factor %s with the time that was waited, up to max', (factor, delays) => {
    const options = { initial: 100, factor, max: 2_000, jitter: 0, random: () => 0.5 };
    expect(delaysOf(exponential(options), 6)).toEqual(delays);
  });

  it('takes the jitter off the capped base', () => {
    const options = { initial: 100, factor: 10, max: 400, jitter: 0.5, random: () => 0.5 };
    expect(delaysOf(exponential(options), 4)).toEqual([50, 300, 300, 300]);
  });

  it('has defaults that start within 300 ms and never exceed 10 s', () => {
    expect(exponential().delay).toBeLessThan(300);
    expect(Math.max(...delaysOf(exponential(), 500))).toBeLessThanOrEqual(10_000);
    expect(Math.min(...delaysOf(exponential(), 500).slice(1))).toBeGreaterThan(290);
  });

  it('takes undefined for an absent option', () => {
    const absent = { initial: undefined, factor: undefined, max: undefined, jitter: undefined };
    const random = repeating([0.25]);
    expect(delaysOf(exponential({ ...absent, random }), 9)).toEqual(delaysOf(exponential({ random }), 9));
    expect(exponential({ random: undefined }).delay).toBeLessThan(300);
  });

  it('fits the default of initial or max to the other one if only that is given', () => {
    expect(delaysOf(exponential({ max: 50, random: noChance }), 3)).toEqual([0, 50, 50]);
    expect(delaysOf(exponential({ initial: 60_000, random: noChance }), 3)).toEqual([0, 60_000, 60_000]);
  });
});

describe('a value of exponential()', () => {
  it('keeps its delay and cannot be changed', () => {
    const value = exponential();
    const { delay } = value;
    value.next();
    expect(value.delay).toBe(delay);
    expect(Object.isFrozen(value)).toBe(true);
    expect(Object.isFrozen(value.next())).toBe(true);
    expect(() => Object.assign(value, { delay: 0 })).toThrow(TypeError);
  });

  it('can be walked twice from the same place', () => {
    const value = exponential({ jitter: 0 });
    expect(delaysOf(value, 20)).toEqual(delaysOf(value, 20));
  });

  it('does not depend on the options object afterwards', () => {
    const options = { initial: 10, factor: 2, max: 1_000, jitter: 0, random: () => 0 };
    const value = exponential(options);
    Object.assign(options, { factor: 1, max: 10 });
    expect(delaysOf(value, 4)).toEqual([0, 20, 20, 40]);
  });

  it('differs from the next one drawn', () => {
    const delays = Array.from({ length: 1_000 }, () => exponential().delay);
    expect(new Set(delays).size).toBeGreaterThan(990);
  });
});

describe('exponential() refuses', () => {
  const bad: [options: unknown, option: string, message: RegExp][] = [
    [{ initial: 0 }, 'options.initial', /expected milliseconds from 1 to 2147483647, got 0$/],
    [{ initial: -5 }, 'options.initial', /got -5$/],
    [{ initial: NaN }, 'options.initial', /got NaN$/],
    [{ initial: '100' }, 'options.initial', /got "100"$/],
    [{ max: Infinity }, 'options.max', /got Infinity$/],
    [{ max: longest + 1 }, 'options.max', /got 2147483648$/],
    [{ max: null }, 'options.max', /got null$/],
    [{ factor: 0.99 }, 'options.factor', /expected a number from 1 to 1000, got 0.99$/],
    [{ factor: Infinity }, 'options.factor', /got Infinity$/],
    [{ jitter: -0.1 }, 'options.jitter', /expected a number from 0 to 1, got -0.1$/],
    [{ jitter: 1.1 }, 'options.jitter', /got 1.1$/],
    [{ jitter: true }, 'options.jitter', /got true$/],
    [{ random: 0.5 }, 'options.random', /expected a function, got 0.5$/],
    [{ random: () => NaN }, 'random()', /expected a number from 0 to 1, got NaN$/],
    [{ random: () => 2 }, 'random()', /got 2$/],
    [{ initial: 500, max: 400 }, 'options.initial', /expected at most options.max \(400\), got 500$/],
    [{ maximum: 5 }, 'options', /only the options initial, factor, max, jitter, random, got "maximum"$/],
    [5, 'options', /expected an object, got 5$/],
    [null, 'options', /got null$/],
    [[], 'options', /got an array$/],
  ];

  it.each(bad)('%j', (options, option, message) => {
    const thrown = thrownBy(exponential, options);
    expect(thrown).toBeInstanceOf(OptionError);
    expect(thrown).toBeInstanceOf(ConnmanError);
    expect(thrown).toHaveProperty('option', option);
    expect(String(thrown)).toMatch(message);
  });
});
