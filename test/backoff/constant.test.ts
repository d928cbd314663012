import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constant } from '../../src/backoff/index.js';
import { OptionError } from '../../src/primitives/errors.js';
import { chance, delaysOf, repeating, thrownBy } from './steps.js';

describe('constant()', () => {
  it('waits the same time before every dial', () => {
    expect(delaysOf(constant(250), 5)).toEqual([250, 250, 250, 250, 250]);
    expect(delaysOf(constant(0), 3)).toEqual([0, 0, 0]);
  });

  it('keeps every delay between the delay less the jitter and the delay', () => {
    const delays = fc.double({ min: 0, max: 2_147_483_647, noNaN: true });
    const jitters = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(delays, jitters, fc.array(chance, { minLength: 1 }), (delay, jitter, chances) => {
        for (const drawn of delaysOf(constant(delay, { jitter, random: repeating(chances) }), 30)) {
          expect(drawn).toBeLessThanOrEqual(delay);
          expect(drawn).toBeGreaterThanOrEqual(delay * (1 - jitter));
        }
      }),
    );
  });

  it('draws each delay anew, but once', () => {
    const value = constant(1_000, { jitter: 0.5 });
    expect(value.delay).toBe(value.delay);
    expect(new Set(delaysOf(value, 1_000)).size).toBeGreaterThan(990);
    expect(Object.isFrozen(value)).toBe(true);
  });

  const bad: [delay: unknown, options: unknown, option: string][] = [
    [-1, {}, 'delay'],
    [NaN, {}, 'delay'],
    [Infinity, {}, 'delay'],
    [2_147_483_648, {}, 'delay'],
    ['100', {}, 'delay'],
    [undefined, {}, 'delay'],
    [100, { jitter: 2 }, 'options.jitter'],
    [100, { random: 1 }, 'options.random'],
    [100, { random: () => -1 }, 'random()'],
    [100, { max: 5 }, 'options'],
    [100, null, 'options'],
  ];

  it.each(bad)('refuses %j with %j', (delay, options, option) => {
    const thrown = thrownBy(constant, delay, options);
    expect(thrown).toBeInstanceOf(OptionError);
    expect(thrown).toHaveProperty('option', option);
  });
});
