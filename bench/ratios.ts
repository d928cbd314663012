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

/** Measures each name once in each round, each round beginning with another, `A B C B C A …`: what it returns gives the
 * values of a name, in the order of the rounds. */
export async function interleave<Name extends string, Value = number>(
  names: readonly Name[],
  rounds: number,
  measureOne: (name: Name) => Promise<Value>,
): Promise<(name: Name) => readonly Value[]> {
  const values = new Map<Name, Value[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of rotated(names, round)) {
      // One at a time: side by side they would disturb each other.
      // oxlint-disable-next-line no-await-in-loop
      values.get(name)?.push(await measureOne(name));
    }
  }
  return (name) => values.get(name) ?? [];
}

function rotated<Name>(names: readonly Name[], by: number): readonly Name[] {
  const first = by % names.length;
  return [...names.slice(first), ...names.slice(0, first)];
}

/** The ratios of what was measured in the same round. */
export function pairRatios(subject: readonly number[], control: readonly number[]): Spread {
  return spread(subject.map((value, round) => value / (control[round] ?? NaN)));
}

/** The ratios of the control to itself, one round to the next: what the machine alone makes of a ratio of one. */
export function noiseFloor(control: readonly number[]): Spread {
  return spread(control.slice(1).map((value, round) => value / (control[round] ?? NaN)));
}
