import { numberFrom } from '../primitives/checks.js';
import type { Backoff } from './backoff.js';

const share = numberFrom(0, 1);

/** A number that the program's own `random` has drawn. */
export function chance(random: () => number): number {
  const number: unknown = random();
  share('random()', number);
  return number as number;
}

const redraws = new WeakMap<Backoff, () => Backoff>();

/** A backoff whose delay is drawn now, once: reading it again gives the same number. */
export function drawn(draw: () => number, next: () => Backoff): Backoff {
  const value = Object.freeze({ delay: draw(), next });
  redraws.set(value, () => drawn(draw, next));
  return value;
}

/**
 * The same step with a delay drawn anew, so that connections which share one value do not dial in step. A backoff
 * that {@link drawn} did not make is returned as it is.
 */
export function redraw(value: Backoff): Backoff {
  return redraws.get(value)?.() ?? value;
}
