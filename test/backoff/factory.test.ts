import { describe, expect, it } from 'vitest';
import {
  type Backoff,
  constant,
  exponential,
  type ExponentialOptions,
  toBackoffFactory,
} from '../../src/backoff/index.js';
import { OptionError } from '../../src/primitives/errors.js';
import { delaysOf, noChance, repeating, thrownBy } from './steps.js';

const name = 'options.backoff';

function firstDelays(option: Backoff | ExponentialOptions | undefined): Set<number> {
  const first = toBackoffFactory(option, name);
  return new Set(Array.from({ length: 1_000 }, () => first().delay));
}

class Own implements Backoff {
  readonly delay = 7;
  readonly note = 'further members are the business of their owner';
  next(): Backoff {
    return this;
  }
}

describe('toBackoffFactory()', () => {
  it.each<[string, Backoff | ExponentialOptions | undefined]>([
    ['no option', undefined],
    ['an empty object', {}],
    ['options', { initial: 500 }],
    ['one shared value of exponential()', exponential()],
    ['a later value of exponential()', exponential().next()],
    ['one shared value of constant() with jitter', constant(500, { jitter: 0.5 })],
  ])('gives every connection a first delay of its own: %s', (_, option) => {
    expect(firstDelays(option).size).toBeGreaterThan(990);
  });

  it('uses the options given', () => {
    const options = { initial: 10, factor: 3, max: 50, jitter: 0, random: () => 0.5 };
    const expected = [5, 30, 50, 50];
    expect(delaysOf(toBackoffFactory(options, name)(), 4)).toEqual(expected);
    expect(delaysOf(toBackoffFactory(exponential(options), name)(), 4)).toEqual(expected);
  });

  it('counts from the delay it has drawn, not from that of the shared value', () => {
    const random = repeating([0.1, 0.9, 0.2]);
    const shared = exponential({ initial: 10, factor: 3, jitter: 0, random });
    expect(shared.delay).toBe(1);
    const first = toBackoffFactory(shared, name)();
    expect(delaysOf(first, 3)).toEqual([9, 30, 78]);
    expect(delaysOf(first, 3)).toEqual([9, 30, 78]);
    expect(delaysOf(shared, 3)).toEqual([1, 30, 62]);
  });

  it('starts again from the same step each time', () => {
    const first = toBackoffFactory(exponential({ initial: 10, factor: 2, max: 80, random: noChance }), name);
    expect(delaysOf(first(), 5)).toEqual([0, 20, 20, 40, 80]);
    expect(delaysOf(first(), 5)).toEqual([0, 20, 20, 40, 80]);
  });

  it("gives back a user's own backoff as it is", () => {
    const own = new Own();
    const first = toBackoffFactory(own, name);
    expect(first()).toBe(own);
    expect(first()).toBe(own);
    const literal: Backoff = { delay: 5, next: () => literal };
    expect(toBackoffFactory(literal, name)()).toBe(literal);
  });

  it('leaves the value it is given alone', () => {
    const value = exponential();
    const { delay } = value;
    toBackoffFactory(value, name)();
    expect(value.delay).toBe(delay);
  });

  const bad: [option: unknown, where: string, message: RegExp][] = [
    [null, name, /expected a backoff .* or options of exponential\(\), got null$/],
    [500, name, /got 500$/],
    ['fast', name, /got a string of 4 characters$/],
    [exponential, name, /got a function$/],
    [[1, 2], name, /got an array$/],
    [{ delay: 5 }, `${name}.next`, /expected a function, got undefined$/],
    [{ next: () => new Own() }, `${name}.delay`, /expected milliseconds .* got undefined$/],
    [{ delay: -1, next: () => new Own() }, `${name}.delay`, /got -1$/],
    [
      { initial: 500, max: 400 },
      `${name}.initial`,
      /expected at most options\.backoff\.max \(400\), got 500$/,
    ],
    [{ initial: 'soon' }, `${name}.initial`, /got a string of 4 characters$/],
    [{ retries: 3 }, name, /only the options initial, factor, max, jitter, random, got "retries"$/],
  ];

  it.each(bad)('refuses %j at the call', (option, where, message) => {
    const thrown = thrownBy(toBackoffFactory, option, name);
    expect(thrown).toBeInstanceOf(OptionError);
    expect(thrown).toHaveProperty('option', where);
    expect(String(thrown)).toMatch(message);
  });
});
