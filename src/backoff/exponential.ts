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
   * From 1 to 1 000: each dial comes at most so many times as long after the loss as the one before it. So the second
   * delay has the base `initial` · `factor`, and a later one `factor` − 1 times what all delays before it were together,
   * if that is more; never more than `max`.
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
 * Measured as bench/herd.ts does (10 000 programs lose one server together), with one option varied at a time:
 *
 * - `initial`: a blip costs half of it in the median (149 ms, at most 150 wanted), and 100 ms / `initial` of the
 *   programs dial within 100 ms (with chance 34.2 to 34.5 % at the peak, at most 35 wanted). Both leave 294 to 299.
 * - `factor`: `factor` − 1 times the outage is the longest that a program is late (at most 1 wanted). With 1.5 it would
 *   be half of that, for 17 attempts in a minute instead of 13.
 * - `jitter`: at 0.6 second dials fall into the first wave, which lifts that peak above 35 %, and attempts rise to 92 in
 *   ten minutes (at most 90). At 0.2 half of the programs are late by more than 0.52 outages of 3 s (at most 0.5), and 5 %
 *   of the herd dial within 100 ms after one of 5 s. At 0.35 it is 0.32, and 3.5 % (1.6 % after one of a minute).
 * - `max`: nobody waits longer once the server is back (p99 9.2 s), for 79 attempts in ten minutes.
 */
const defaults = { initial: 298, factor: 2, max: 10_000, jitter: 0.35 } as const;

const checks: Readonly<Record<keyof ExponentialOptions, Check>> = {
  initial: positiveMilliseconds,
  factor: numberFrom(1, 1_000),
  max: positiveMilliseconds,
  jitter: numberFrom(0, 1),
  random: callable,
};

/**
 * A backoff for a server that many programs may lose at once: the first delay is a random part of `initial`, the later
 * ones grow with the time that has been waited, and chance only ever shortens a base.
 *
 * The longer an outage, the later its end may be noticed, in proportion: once the server is back, no more is waited than
 * `factor` − 1 times as long as it was away (with the defaults, as long as it was away), or `initial` · `factor` if that is
 * more. And no delay is longer than `max`, however often `next()` is called. Given as the option `backoff` of several
 * connections, each connection draws delays of its own.
 *
 * @throws OptionError for an unknown option, a value out of its range, or an `initial` longer than `max`.
 */
export function exponential(options: ExponentialOptions = {}): Backoff {
  return firstStep(settingsOf(options, 'options'));
}

/** The factories of the settings that were used last. */
const factories: Map<string, { readonly random: () => number; readonly factory: () => Backoff }> = new Map();
const mostFactories = 64;

/**
 * What {@link exponential} does, in two halves: the options are checked now, and each call gives a first value.
 * `name` is what error messages call the options. Equal options are given the same function, by which a gate knows them: of
 * many that were drawn apart, the shortest wait would be none at all.
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
  );
}

/** `waited` is what all delays before it were together. */
function laterStep(settings: Settings, waited: number): Backoff {
  const { initial, factor, max, jitter, random } = settings;
  const base = Math.min(max, Math.max(initial * factor, (factor - 1) * waited));
  return drawn(
    () => base * (1 - jitter * chance(random)),
    (delay) => laterStep(settings, waited + delay),
  );
}
