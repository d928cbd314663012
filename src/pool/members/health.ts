import type { Reset } from '../../connection/index.js';
import { formatEndpoint } from '../../primitives/endpoint.js';
import { ClosedError } from '../../primitives/errors.js';
import { now, toTimestamp } from '../../primitives/time.js';

/**
 * How a pool, or the part of it that goes to one endpoint, is: `up` when all connections are ready, `degraded` when some
 * are, `down` when none is.
 */
export type PoolState = 'up' | 'degraded' | 'down';

/** The state of so many connections of which so many are ready. */
export function stateOf(size: number, ready: number): PoolState {
  if (ready === 0) return 'down';
  return ready < size ? 'degraded' : 'up';
}

/** What went wrong with a connection: a dial, or a life. */
export type Failure = Error | Reset;

/** What is told of a state. */
export interface HealthReport {
  readonly state: PoolState;
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** What went wrong last, unless the state is `up`. */
  readonly cause: Error | undefined;
}

/** The state of something, since when, and why. */
export class Health {
  #state: PoolState = 'down';
  #since: number = now();
  #failure: Failure | undefined;

  get state(): PoolState {
    return this.#state;
  }

  /** What went wrong last, since all was well. */
  get cause(): Error | undefined {
    return this.#failure && toError(this.#failure);
  }

  get report(): HealthReport {
    return { state: this.#state, since: toTimestamp(this.#since), cause: this.cause };
  }

  failed(failure: Failure): void {
    this.#failure = failure;
  }

  /** Takes the state that follows from the numbers; gives the one before when it is another. */
  update(size: number, ready: number): PoolState | undefined {
    const before = this.#state;
    const state = stateOf(size, ready);
    if (state === 'up') this.#failure = undefined;
    if (state === before) return undefined;
    this.#state = state;
    this.#since = now();
    return before;
  }
}

/** Why a life is over, as an error. */
export function toError(failure: Failure): Error {
  if (failure instanceof Error) return failure;
  const { code, error, endpoint } = failure;
  return error ?? new ClosedError(`a life with ${formatEndpoint(endpoint)} ended: ${code}`, { endpoint });
}
