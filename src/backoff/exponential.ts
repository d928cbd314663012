import { callable, type Check, readOptions, numberFrom, positiveMilliseconds } from '../primitives/checks.js';
import { OptionError } from '../primitives/errors.js';
import type { Backoff } from './backoff.js';
import { chance, drawn } from './drawn.js';
import { noteLongest } from './longest.js';

/** The options of {@link exponential}; an option that is `undefined` counts as absent. */
export interface ExponentialOptions {
  /**
   * Milliseconds, at least 1: the first delay is random between 0 and this.
   * @default 298, or `max` if that is less
   */
  readonly initial?: number | undefined;
  /**
   * From 1 to 1 000: how the time since the loss grows from one dial to the next, at most. The second delay has the base
   * `initial` · `factor`. A later one has the base (`factor` − 1) · (the sum of all delays before it), if that is more. No
   * base is above `max`. It bounds the time since the loss, so it is not the multiplier of gRPC's backoff.
   * @default 1.5
   */
  readonly factor?: number | undefined;
  /**
   * Milliseconds, at least `initial`: no delay is longer than this.
   * @default 10 000, or `initial` if that is more
   */
  readonly max?: number | undefined;
  /**
   * From 0 to 1: the share of each base that is random. A delay lies between `base · (1 − jitter)` and `base`. The first delay
   * is random whatever the jitter.
   * @default 0.35
   */
  readonly jitter?: number | undefined;
  /**
   * Draws a number from 0 up to, but not including, 1.
   * @default Math.random
   */
  readonly random?: (() => number) | undefined;
}

interface Settings {
  readonly initial: number;
  readonly factor: number;
  readonly max: number;
  readonly jitter: number;
  readonly random: () => number;
}

/**
 * Measured by bench/herd.ts (10 000 processes lose one server together), with one option varied at a time:
 *
 * - `initial`: a blip costs half of it in the median (149 ms, at most 150 wanted), and 100 ms / `initial` of the
 *   processes dial within 100 ms (with chance 34.2 to 34.6 % at the peak, at most 35 wanted). Both leave 294 to 299.
 * - `factor`: `factor` − 1 times the outage is the longest that a process is late (at most 0.5 wanted), and 0.19 to 0.21 the
 *   median. With 2 it would be twice that, for 13 attempts in a minute instead of 17. With 1.4, 7.7 % of the herd would dial
 *   within 100 ms after an outage of 5 s (at most 7 wanted; with 1.5, 6.4).
 * - `jitter`: at 0.45 second dials fall into the first wave, which lifts that peak above 35 %. At 0.3 the median is late by
 *   more than 0.22 outages.
 * - `max`: the longest wait once the server is back (p99 9.2 s), for 83 attempts in ten minutes.
 */
const defaults = { initial: 298, factor: 1.5, max: 10_000, jitter: 0.35 } as const;

const checks: Readonly<Record<keyof ExponentialOptions, Check>> = {
  initial: positiveMilliseconds,
  factor: numberFrom(1, 1_000),
  max: positiveMilliseconds,
  jitter: numberFrom(0, 1),
  random: callable,
};

/**
 * The default backoff, for a server that many processes may lose at once. The first delay is a random part of `initial`; later
 * ones grow with the time waited so far; jitter only shortens a delay.
 *
 * Once the server is back, the wait is at most `factor` − 1 times as long as the outage was (with the defaults: half as long
 * as the outage), or `initial` · `factor` if that is more, and never longer than `max`. The value may be shared by many connections:
 * each wait draws its own delay.
 *
 * @throws OptionError for an unknown option, a value out of its range, or an `initial` above `max`.
 *
 * @example
 * ```ts
 * import { createPool, exponential, type Handler, type Pool } from 'connman';
 *
 * const backoff = exponential({ initial: 100, max: 2_000 });
 *
 * export function openPool(factory: () => Handler): Pool {
 *   return createPool('cache', factory, { backoff });
 * }
 * ```
 */
export function exponential(options: ExponentialOptions = {}): Backoff {
  return firstStep(settingsOf(options, 'options'));
}

/** The factories for the settings used so far. */
const factories: Map<string, { readonly random: () => number; readonly factory: () => Backoff }> = new Map();
const mostFactories = 64;

/**
 * Checks the options of {@link exponential} now, and returns a function that makes a first step; `name` is what error messages
 * call the options. Equal options get the same function, so that a gate draws one delay for all of them: the shortest of a
 * hundred delays would be next to nothing.
 *
 * @internal
 */
export function exponentialFactory(options: ExponentialOptions, name: string): () => Backoff {
  const settings = settingsOf(options, name);
  const { initial, factor, max, jitter, random } = settings;
  const key = [initial, factor, max, jitter].join(' ');
  const known = factories.get(key);
  if (known?.random === random) return known.factory;
  const factory = (): Backoff => firstStep(settings);
  if (factories.size >= mostFactories) factories.clear();
  factories.set(key, { random, factory });
  noteLongest(factory, max);
  return factory;
}

function settingsOf(given: ExponentialOptions, name: string): Settings {
  const options = readOptions<ExponentialOptions>(name, given, checks);
  const { initial, max } = options;
  if (initial !== undefined && max !== undefined && initial > max) {
    throw new OptionError(`${name}.initial`, `at most ${name}.max (${max})`, initial);
  }
  return Object.freeze({
    initial: initial ?? Math.min(defaults.initial, max ?? defaults.max),
    factor: options.factor ?? defaults.factor,
    max: max ?? Math.max(defaults.max, initial ?? defaults.initial),
    jitter: options.jitter ?? defaults.jitter,
    random: options.random ?? Math.random,
  });
}

function firstStep(settings: Settings): Backoff {
  const { initial, random } = settings;
  return drawn(
    () => initial * chance(random),
    (delay) => laterStep(settings, delay),
    settings.max,
  );
}

/** `waited` is the sum of all delays before. */
function laterStep(settings: Settings, waited: number): Backoff {
  const { initial, factor, max, jitter, random } = settings;
  const base = Math.min(max, Math.max(initial * factor, (factor - 1) * waited));
  return drawn(
    () => base * (1 - jitter * chance(random)),
    (delay) => laterStep(settings, waited + delay),
    max,
  );
}
