import { randomUUID } from 'node:crypto';
import { filledString, integerFrom, readOptions, type Check } from '../../primitives/checks.js';

/** How many of the endpoints to use, and by what to choose them. */
export interface SubsetOptions {
  /** How many endpoints; of those of each priority so many. */
  size: number;
  /**
   * What the choice goes by: programs with the same key choose the same endpoints. Default: a random one for each program,
   * which does not change while it runs.
   */
  key?: string | undefined;
}

/** {@link SubsetOptions}, complete. */
export interface Subset {
  readonly size: number;
  readonly key: string;
}

const subsetSize = integerFrom(1, Number.MAX_SAFE_INTEGER);

const checks: Readonly<Record<keyof SubsetOptions, Check>> = { size: subsetSize, key: filledString };

const keyOfThisProgram = randomUUID();

/** The option `subset`, checked and complete. */
export function readSubset(name: string, value: unknown): Subset {
  if (typeof value !== 'object') {
    subsetSize(name, value);
    return Object.freeze({ size: value as number, key: keyOfThisProgram });
  }
  const { size, key = keyOfThisProgram } = readOptions<SubsetOptions>(name, value, checks);
  subsetSize(`${name}.size`, size);
  return Object.freeze({ size, key });
}
