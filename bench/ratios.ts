/** The middle and the ends of some numbers. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The middle and the ends of `numbers`. */
export function spread(numbers: readonly number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? NaN;
  return { median: (lower + upper) / 2, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** Measures each name once in each round, `A B C A B C …`: what it returns gives the values of
 * a name, in the order of the rounds. */
export async function interleave<Name extends string>(
  names: readonly Name[],
  rounds: number,
  measureOne: (name: Name) => Promise<number>,
): Promise<(name: Name) => readonly number[]> {
  const values = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, measured] of values) {
      // One at a time: side by side they would disturb each other.
      // oxlint-disable-next-line no-await-in-loop
      measured.push(await measureOne(name));
    }
  }
  return (name) => values.get(name) ?? [];
}

/** The ratios of what was measured in the same round. */
export function pairRatios(subject: readonly number[], control: readonly number[]): Spread {
  return spread(subject.map((value, round) => value / (control[round] ?? NaN)));
}

/** The ratios of the control to itself, one round to the next: what the machine alone makes of a ratio of one. */
export function noiseFloor(control: readonly number[]): Spread {
  return spread(control.slice(1).map((value, round) => value / (control[round] ?? NaN)));
}
