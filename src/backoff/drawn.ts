import { numberFrom } from '../primitives/checks.js';
import type { Backoff } from './backoff.js';

const share = numberFrom(0, 1);

/** A number that the program's own `random` has drawn. */
export function chance(random: () => number): number {
  const number: unknown = random();
  share('random()', number);
  return number as number;
}

/** A backoff whose delay was drawn when it was made, once: reading it again gives the same number. */
class Drawn implements Backoff {
  readonly delay: number;
  readonly next: () => Backoff;
  // Private, as it is nobody else's; a WeakMap would do as well, but its table grows with every wait of a program.
  readonly #redraw: () => Drawn;

  constructor(delay: number, next: () => Backoff, redrawn: () => Drawn) {
    this.delay = delay;
    this.next = next;
    this.#redraw = redrawn;
    Object.freeze(this);
  }

  static redraw(value: Backoff): Backoff {
    return #redraw in value ? value.#redraw() : value;
  }
}

/** A backoff whose delay is drawn now; `next` is told which it is. */
export function drawn(draw: () => number, next: (delay: number) => Backoff): Drawn {
  const delay = draw();
  return new Drawn(
    delay,
    () => next(delay),
    () => drawn(draw, next),
  );
}

/**
 * The same step with a delay drawn anew, so that connections which share one value do not dial in step. A backoff
 * that {@link drawn} did not make is returned as it is.
 */
export function redraw(value: Backoff): Backoff {
  return Drawn.redraw(value);
}
