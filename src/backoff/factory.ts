import { callable, isObject, milliseconds } from '../primitives/checks.js';
import { OptionError } from '../primitives/errors.js';
import type { Backoff } from './backoff.js';
import { longestOf, redraw } from './drawn.js';
import { exponentialFactory, type ExponentialOptions } from './exponential.js';
import { noteLongest } from './longest.js';

/** One function for each value: a gate knows by it that many connections share one backoff. */
const redrawing: WeakMap<Backoff, () => Backoff> = new WeakMap();

/**
 * Turns the connection option `backoff` into a function that makes the first step, to be called before each first wait.
 *
 * Each call draws a new delay from what `exponential()` or `constant()` made, so that connections which share a value do not
 * dial in step. A custom backoff is returned as it is. `undefined` stands for the defaults of `exponential()`.
 *
 * @param name what error messages call the option, such as `options.backoff`
 * @throws OptionError for anything that is neither a backoff nor options of `exponential()`.
 */
export function toBackoffFactory(
  option: Backoff | ExponentialOptions | undefined,
  name: string,
): () => Backoff {
  if (option === undefined) return exponentialFactory({}, name);
  if (!isObject(option)) {
    throw new OptionError(name, 'a backoff { delay, next() } or options of exponential()', option);
  }
  if (!looksLikeBackoff(option)) return exponentialFactory(option, name);
  milliseconds(`${name}.delay`, option.delay);
  callable(`${name}.next`, option.next);
  return redrawingOf(option);
}

function redrawingOf(value: Backoff): () => Backoff {
  let factory = redrawing.get(value);
  if (!factory) {
    factory = () => redraw(value);
    redrawing.set(value, factory);
    noteLongest(factory, longestOf(value));
  }
  return factory;
}

/** One of the two members is enough: an option that lacks the other is refused as a backoff, with the better message. */
function looksLikeBackoff(option: Backoff | ExponentialOptions): option is Backoff {
  const { delay, next } = option as Partial<Backoff>;
  return delay !== undefined || next !== undefined;
}
