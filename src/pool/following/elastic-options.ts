import { OptionError } from '../../primitives/errors.js';
import {
  integerFrom,
  isObject,
  positiveMilliseconds,
  readOptions,
  type Check,
} from '../../primitives/checks.js';

/** How many connections a pool has to each discovered endpoint: as many as are needed at a time. */
export interface ElasticOptions {
  /**
   * How many there are at least, from 1.
   * @default 1
   */
  min?: number | undefined;
  /** How many there are at most, up to 100 000. */
  max: number;
  /**
   * How long a connection may be of no use, in milliseconds, before it is closed.
   * @default 60_000
   */
  idle?: number | undefined;
}

/** {@link ElasticOptions}, checked and complete. */
export interface Elastic {
  readonly min: number;
  readonly max: number;
  readonly idle: number;
}

const count = integerFrom(1, 100_000);

const checks: Readonly<Record<keyof ElasticOptions, Check>> = {
  min: count,
  max: count,
  idle: positiveMilliseconds,
};

/** Checks and completes `perEndpoint`: a number, or `{ min, max, idle }`. */
export function readPerEndpoint(name: string, value: unknown): Elastic {
  if (!isObject(value)) {
    count(name, value);
    return Object.freeze({ min: value as number, max: value as number, idle: 0 });
  }
  const { min = 1, max, idle = 60_000 } = readOptions<ElasticOptions>(name, value, checks);
  count(`${name}.max`, max);
  if (max < min) throw new OptionError(`${name}.max`, `at least ${name}.min, which is ${min}`, max);
  return Object.freeze({ min, max, idle });
}
