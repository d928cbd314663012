import { expect } from 'vitest';

/** How often each thing was picked, and how often it should have been. */
export class Fit {
  readonly #observed: Map<number, number> = new Map();
  readonly #expected: Map<number, number> = new Map();

  observe(thing: number): void {
    this.#observed.set(thing, (this.#observed.get(thing) ?? 0) + 1);
  }

  expect(thing: number, chance: number): void {
    this.#expected.set(thing, (this.#expected.get(thing) ?? 0) + chance);
  }

  /** Pearson's χ²: what was picked never though it could be counts as well. */
  get chiSquared(): number {
    let sum = 0;
    for (const [thing, expected] of this.#expected) {
      if (expected > 0) sum += ((this.#observed.get(thing) ?? 0) - expected) ** 2 / expected;
    }
    return sum;
  }

  get degreesOfFreedom(): number {
    return [...this.#expected.values()].filter((expected) => expected > 0).length - 1;
  }

  /** Fails when chance alone would give a fit as bad as this less than once in a thousand times. */
  expectGood(): void {
    for (const thing of this.#observed.keys()) expect(this.#expected.get(thing)).toBeGreaterThan(0);
    expect(this.chiSquared).toBeLessThan(critical(this.degreesOfFreedom));
  }
}

/** The value that χ² exceeds once in a thousand times, by the approximation of Wilson and Hilferty. */
function critical(degreesOfFreedom: number): number {
  const spread = 2 / (9 * degreesOfFreedom);
  return degreesOfFreedom * (1 - spread + 3.090_232 * Math.sqrt(spread)) ** 3;
}
