import { callable, type Check, milliseconds, numberFrom, readOptions } from '../primitives/checks.js';
import type { Backoff } from './backoff.js';
import { chance, drawn } from './drawn.js';

/** The options of {@link constant}; an option that is `undefined` counts as absent. */
export interface ConstantOptions {
  /**
   * From 0 to 1: the share of the delay that is random. The delay lies between `delay · (1 − jitter)` and `delay`.
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
 * A backoff that never grows: `delay` milliseconds before every dial, less a random part if there is a `jitter`. Without a
 * jitter, processes that lose a server together come back together, again and again.
 *
 * @param delay milliseconds, from 0 to 2 147 483 647
 * @throws OptionError for a wrong delay, an unknown option or a value out of its range.
 *
 * @example
 * ```ts
 * import { connect, constant, type Handler } from 'connman';
 *
 * export function keep(handler: Handler): void {
 *   connect(6379, '127.0.0.1', handler, { backoff: constant(2_000, { jitter: 0.5 }) });
 * }
 * ```
 */
export function constant(delay: number, options: ConstantOptions = {}): Backoff {
  milliseconds('delay', delay);
  const { jitter = 0, random = Math.random } = readOptions<ConstantOptions>('options', options, checks);
  const step = (): Backoff => drawn(() => delay * (1 - jitter * chance(random)), step, delay);
  return step();
}
