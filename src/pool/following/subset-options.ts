import { filledString, integerFrom, readOptions, type Check } from '../../primitives/checks.js';
import { ownKey } from './own-key.js';

/** How many of the discovered endpoints to use, and the key that chooses them. */
export interface SubsetOptions {
  /** How many endpoints of each priority, at least 1. */
  size: number;
  /**
   * Processes with the same key choose the same endpoints.
   * @default a random key, the same for all pools while the process runs
   */
  key?: string | undefined;
}

/** {@link SubsetOptions}, checked and complete. */
export interface Subset {
  readonly size: number;
  readonly key: string;
}

const subsetSize = integerFrom(1, Number.MAX_SAFE_INTEGER);

const checks: Readonly<Record<keyof SubsetOptions, Check>> = { size: subsetSize, key: filledString };

/** Checks and completes the option `subset`. */
export function readSubset(name: string, value: unknown): Subset {
  if (typeof value !== 'object') {
    subsetSize(name, value);
    return Object.freeze({ size: value as number, key: ownKey() });
  }
  const { size, key = ownKey() } = readOptions<SubsetOptions>(name, value, checks);
  subsetSize(`${name}.size`, size);
  return Object.freeze({ size, key });
}
