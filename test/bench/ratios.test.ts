import { describe, expect, test } from 'vitest';
import { interleave, noiseFloor, pairRatios, spread } from '../../bench/ratios.js';
import { comparisonTable, withRange } from '../../bench/report.js';

test('the middle and the ends of some numbers', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
});

test('ratios are those of the same round', () => {
  expect(pairRatios([2, 9, 4], [1, 3, 4])).toEqual({ median: 2, min: 1, max: 3 });
});

test('the noise is that of the control and its own next round', () => {
  expect(noiseFloor([2, 4, 2])).toEqual({ median: 1.25, min: 0.5, max: 2 });
});

test('each round begins with another, and nobody misses one', async () => {
  const order: string[] = [];
  const values = await interleave(['a', 'b', 'c'], 4, (name) => {
    order.push(name);
    return Promise.resolve(order.length);
  });
  expect(order.join('')).toBe('abcbcacababc');
  expect(values('a')).toEqual([1, 6, 8, 10]);
});

describe('a value with its range', () => {
  test.each([
    [{ median: 2, min: 1, max: 3.456 }, 2, '2.00 (1.00–3.46)'],
    [{ median: 2, min: 2, max: 2 }, 0, '2'],
    [{ median: 38_483, min: 9_999, max: 1_234_567 }, 0, '38 483 (9999–1 234 567)'],
    [{ median: 12_345.678, min: 1, max: 12_345.678 }, 3, '12 345.678 (1.000–12 345.678)'],
    [{ median: Infinity, min: 3, max: Infinity }, 0, 'never (3–never)'],
    [{ median: NaN, min: NaN, max: NaN }, 0, ''],
  ])('%o is shown as it is read', (range, digits, shown) => {
    expect(withRange(range, digits)).toBe(shown);
  });
});

test('a table of comparisons is met when each target is, and where there is none', () => {
  const compare = (target?: number): boolean =>
    comparisonTable('B', 0, [{ name: 'x', subject: [12, 13], control: [10, 10], target }]).isMet;
  expect(compare(1.25)).toBe(true);
  expect(compare(1.24)).toBe(false);
  expect(compare()).toBe(true);
});
