import { callable, type Check, readOptions, numberFrom, positiveMilliseconds } from '../primitives/checks.js';
import { OptionError } from '../primitives/errors.js';
import type { Backoff } from './backoff.js';
import { chance, drawn } from './drawn.js';

/** The options of {@link exponential}; an option that is `undefined` counts as absent. */
export interface ExponentialOptions {
  /**
   * Milliseconds, at least 1: the first delay is a random part of this, from nothing to all of it.
   * @default 298, or `max` if that is less
   */
  readonly initial?: number | undefined;
  /**
   * From 1 to 1 000: the n-th delay after the first has the base `initial` · `factor`ⁿ, never more than `max`.
   * @default 2
   */
  readonly factor?: number | undefined;
  /**
   * Milliseconds, at least `initial`: no delay is ever longer than this.
   * @default 10 000, or `initial` if that is more
   */
  readonly max?: number | undefined;
  /**
   * From 0 to 1: which share of each base is left to chance, so that a delay lies between `base · (1 − jitter)` and
   * `base`. The first delay is random whatever the jitter.
   * @default 0.45
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
 * Measured by bench/herd.ts (10 000 programs lose one server together) and found by its `--search`:
 *
 * - `initial`: a blip costs half of it in the median (149 ms, at most 150 wanted), and 100 ms / `initial` of the
 *   programs dial within 100 ms (with chance 34.5 to 34.7 % at the peak, at most 35 wanted). Both leave 294 to 299.
 * - `jitter`, at this factor: above 0.5 second dials fall into the first wave, which lifts that peak above 35 %, and
 *   attempts rise; at 0.3 the herd is still partly in step after a minute (1.96 % dial within 100 ms when the server is
 *   back after 60 s, at most 2 wanted). At 0.45 it is 1.7 %.
 * - `max`: nobody waits longer once the server is back (p99 9.2 s), for 82 attempts in ten minutes (at most 90).
 * - `factor`, at this jitter: 1.5 crowds the first wave too; 2.5 and 3 save one attempt, but leave programs waiting 6 to
 *   9 s (p99) instead of 3.6 s after an outage of 5 s.
 */
const defaults = { initial: 298, factor: 2, max: 10_000, jitter: 0.45 } as const;

const checks: Readonly<Record<keyof ExponentialOptions, Check>> = {
  initial: positiveMilliseconds,
  factor: numberFrom(1, 1_000),
  max: positiveMilliseconds,
  jitter: numberFrom(0, 1),
  random: callable,
};

/**
 * A backoff for a server that many programs may lose at once: the first delay is a random part of `initial`, each
 * later base is `factor` times the one before and at most `max`, and chance only ever shortens a base.
 *
 * No delay is longer than `max`, however often `next()` is called. Given as the option `backoff` of several
 * connections, each connection draws delays of its own.
 *
 * @throws OptionError for an unknown option, a value out of its range, or an `initial` longer than `max`.
 */
export function exponential(options: ExponentialOptions = {}): Backoff {
  return firstStep(settingsOf(options, 'options'));
}

/**
 * What {@link exponential} does, in two halves: the options are checked now, and each call gives a first value.
 * `name` is what error messages call the options.
 *
 * @internal
 */
export function exponentialFactory(options: ExponentialOptions, name: string): () => Backoff {
  const settings = settingsOf(options, name);
  return () => firstStep(settings);
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
    () => laterStep(settings, initial),
  );
}

function laterStep(settings: Settings, previousBase: number): Backoff {
  const { factor, max, jitter, random } = settings;
  const base = Math.min(max, previousBase * factor);
  return drawn(
    () => base * (1 - jitter * chance(random)),
    () => laterStep(settings, base),
  );
}
