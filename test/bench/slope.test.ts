import { describe, expect, it } from 'vitest';
import { slopeOf } from '../../bench/scale/slope.js';

describe('slopeOf()', () => {
  it('finds a straight line, and that there is no error in it', () => {
    const { perStep, error } = slopeOf([7, 10, 13, 16, 19]);
    expect(perStep).toBeCloseTo(3);
    expect(error).toBeCloseTo(0);
  });

  it('says how uncertain the line through scattered values is', () => {
    const { perStep, error } = slopeOf([1, 3, 2, 5, 4]);
    expect(perStep).toBeCloseTo(0.8);
    expect(error).toBeCloseTo(Math.sqrt(3.6 / 3 / 10));
  });

  it('sees no slope in what goes up and down', () => {
    const { perStep, error } = slopeOf([5, 6, 5, 6, 5]);
    expect(perStep).toBeCloseTo(0);
    expect(error).toBeGreaterThan(0);
  });
});
