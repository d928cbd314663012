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
  readonly #longest: number;

  constructor(delay: number, next: () => Backoff, redrawn: () => Drawn, longest: number) {
    this.delay = delay;
    this.next = next;
    this.#redraw = redrawn;
    this.#longest = longest;
    Object.freeze(this);
  }

  static redraw(value: Backoff): Backoff {
    return #redraw in value ? value.#redraw() : value;
  }

  static longest(value: Backoff): number {
    return #longest in value ? value.#longest : Infinity;
  }
}

/** A backoff whose delay is drawn now and given to `next`; neither it nor a later one is longer than `longest`. */
export function drawn(draw: () => number, next: (delay: number) => Backoff, longest: number): Drawn {
  const delay = draw();
  return new Drawn(
    delay,
    () => next(delay),
    () => drawn(draw, next, longest),
    longest,
  );
}

/** The longest delay that a backoff may have; Infinity for one that {@link drawn} did not make. */
export function longestOf(value: Backoff): number {
  return Drawn.longest(value);
}

/** The same step with a new delay. A backoff that {@link drawn} did not make is returned as it is. */
export function redraw(value: Backoff): Backoff {
  return Drawn.redraw(value);
}
