import { numberFrom } from '../primitives/checks.js';
import type { Backoff } from './backoff.js';

const share = numberFrom(0, 1);

/** A number drawn by the option `random`, which may be application code. */
export function chance(random: () => number): number {
  const number: unknown = random();
  share('random()', number);
  return number as number;
}

/** A backoff whose delay was drawn once, when it was made: it is a value. */
class Drawn implements Backoff {
  readonly delay: number;
  readonly next: () => Backoff;
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

/** A backoff whose delay is drawn now and given to `next`. */
export function drawn(draw: () => number, next: (delay: number) => Backoff): Drawn {
  const delay = draw();
  return new Drawn(
    delay,
    () => next(delay),
    () => drawn(draw, next),
  );
}

/** The same step with a new delay. A backoff that {@link drawn} did not make is returned as it is. */
export function redraw(value: Backoff): Backoff {
  return Drawn.redraw(value);
}
