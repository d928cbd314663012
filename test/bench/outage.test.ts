import { describe, expect, test } from 'vitest';
import { bins, middle, summarise, type Outage } from '../../bench/outage/statistics.js';

const outage: Outage = {
  lostAt: 1_000,
  returnedAt: 4_000,
  dials: [500, 1_000, 2_500, 3_999, 4_000, 4_100],
  steps: [
    { at: 4_250, open: 1 },
    { at: 4_300, open: 2 },
    { at: 4_400, open: 1 },
    { at: 4_900, open: 2 },
    { at: 5_000, open: 3 },
  ],
  cpu: 12,
  cpuDown: 5,
};

describe('an outage', () => {
  test('counts the dials while there was no server', () => {
    expect(summarise(outage, 3)).toMatchObject({ dials: 3, cpu: 12, cpuDown: 5 });
  });

  test('ends when so many are open at once', () => {
    expect(summarise(outage, 3)).toMatchObject({ first: 250, spread: 750, all: 1_000 });
    expect(summarise(outage, 2)).toMatchObject({ first: 250, spread: 50, all: 300 });
  });

  test('never ends where some do not come back', () => {
    expect(summarise(outage, 4)).toMatchObject({ first: 250, spread: Infinity, all: Infinity });
  });

  test('never ends where none comes back', () => {
    const lost = { ...outage, steps: [] };
    expect(summarise(lost, 3)).toMatchObject({ first: Infinity, spread: Infinity, all: Infinity });
  });
});

describe('bins', () => {
  test('hold what falls into them, their beginning included and their end not', () => {
    expect(bins([0, 9, 10, 29, 30], 0, 30, 10)).toEqual([2, 1, 1]);
  });

  test('leave out what is before and after', () => {
    expect(bins([99, 100, 124, 125, 500], 100, 125, 10)).toEqual([1, 0, 1]);
  });
});

describe('the middle', () => {
  test('is the round that is neither the best nor the worst', () => {
    expect(middle([5, 1, 3], Number)).toBe(3);
    expect(middle([4, 1, 3, 2], Number)).toBe(2);
  });

  test('takes what never ended for the worst', () => {
    expect(middle([Infinity, 7, Infinity, 1, 2], Number)).toBe(7);
    expect(middle([Infinity, Infinity, 1], Number)).toBe(Infinity);
  });

  test('of nothing is nothing', () => {
    expect(middle([], Number)).toBeUndefined();
  });
});
