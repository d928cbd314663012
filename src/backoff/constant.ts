import { callable, type Check, milliseconds, numberFrom, readOptions } from '../primitives/checks.js';
import type { Backoff } from './backoff.js';
import { chance, drawn } from './drawn.js';

/** The options of {@link constant}; an option that is `undefined` counts as absent. */
export interface ConstantOptions {
  /**
   * From 0 to 1: which share of the delay is left to chance, so that it lies between `delay · (1 − jitter)` and `delay`.
   * @default 0
   */
  readonly jitter?: number | undefined;
  /**
   * Draws a number from 0 up to, but not including, 1.
   * @default Math.random
   */
  readonly random?: (() => number) | undefined;
}

const checks: Readonly<Record<keyof ConstantOptions, Check>> = {
  jitter: numberFrom(0, 1),
  random: callable,
};

/**
 * A backoff that never grows: `delay` milliseconds before every dial, less a random part if there is a `jitter`.
 * Without one, programs that lose a server together come back together, again and again.
 *
 * @throws OptionError for a delay that no timer can wait, an unknown option or a value out of its range.
 */
export function constant(delay: number, options: ConstantOptions = {}): Backoff {
  milliseconds('delay', delay);
  const { jitter = 0, random = Math.random } = readOptions<ConstantOptions>('options', options, checks);
  const step = (): Backoff => drawn(() => delay * (1 - jitter * chance(random)), step);
  return step();
}
