import { callable, isObject, memberOf, milliseconds } from '../primitives/checks.js';
import { OptionError } from '../primitives/errors.js';
import type { Backoff } from './backoff.js';
import { redraw } from './drawn.js';
import { exponentialFactory, type ExponentialOptions } from './exponential.js';

/** So that a value that many connections are given is one backoff to a gate. */
const redrawing: WeakMap<Backoff, () => Backoff> = new WeakMap();

/**
 * Turns the connection option `backoff` into a function that gives the value to start from: called for each
 * connection, and again after each stable life.
 *
 * Each call draws a delay of its own, also from a value made by `exponential()` or `constant()` and shared by many
 * connections. A backoff of the user's own is given back as it is. `undefined` means the defaults of `exponential()`.
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
  milliseconds(`${name}.delay`, memberOf(option, 'delay'));
  callable(`${name}.next`, memberOf(option, 'next'));
  return redrawingOf(option);
}

function redrawingOf(value: Backoff): () => Backoff {
  let factory = redrawing.get(value);
  if (!factory) {
    factory = () => redraw(value);
    redrawing.set(value, factory);
  }
  return factory;
}

/** One of the two members is enough: what lacks the other is then refused as a backoff, with the better message. */
function looksLikeBackoff(option: Backoff | ExponentialOptions): option is Backoff {
  return memberOf(option, 'delay') !== undefined || memberOf(option, 'next') !== undefined;
}
