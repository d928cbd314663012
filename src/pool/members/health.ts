import type { Reset } from '../../connection/index.js';
import { formatEndpoint } from '../../primitives/endpoint.js';
import { ClosedError, rootCode } from '../../primitives/errors.js';
import { now, toTimestamp } from '../../primitives/time.js';

/**
 * How many connections of a pool, or of its connections to one endpoint, are ready: `up` means all, `degraded` some, `down`
 * none.
 */
export type PoolState = 'up' | 'degraded' | 'down';

/** The state that follows from how many connections there are, and how many of them are ready. */
export function stateOf(size: number, ready: number): PoolState {
  if (ready === 0) return 'down';
  return ready < size ? 'degraded' : 'up';
}

/** The codes of lives that end as planned: they say nothing of the health of a pool. */
const plannedCodes: ReadonlySet<string> = new Set(['max-age', 'retired', 'disconnect']);

export function isPlanned({ code }: Reset): boolean {
  return plannedCodes.has(code);
}

/** What went wrong with a connection: a failed dial, or the end of a life. */
export type Failure = Error | Reset;

/** The state of a pool, or of its connections to one endpoint: a snapshot. */
export interface HealthReport {
  /** How many of the connections are ready: all, some or none. */
  readonly state: PoolState;
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** Since when it is not `up`, in milliseconds since 1970: `down` or `degraded`, in turns or not. `undefined` while it is. */
  readonly notUpSince: number | undefined;
  /** The last failure; `undefined` while the state is `up`. */
  readonly cause: Error | undefined;
  /**
   * What is at the root of that: the code of the error at the end of its chain of causes, such as `ECONNREFUSED`, or the code
   * of a reset without an error, such as `remote-end`.
   */
  readonly rootCode: string | undefined;
}

/** Keeps a state, the moment it began, and its cause. */
export class Health {
  #state: PoolState = 'down';
  #since: number = now();
  #notUpSince: number | undefined = this.#since;
  #failure: Failure | undefined;

  get state(): PoolState {
    return this.#state;
  }

  /** The last failure since the state was `up`. */
  get cause(): Error | undefined {
    return this.#failure && toError(this.#failure);
  }

  get report(): HealthReport {
    const notUpSince = this.#notUpSince === undefined ? undefined : toTimestamp(this.#notUpSince);
    const root = this.#failure && rootOf(this.#failure);
    return {
      state: this.#state,
      since: toTimestamp(this.#since),
      notUpSince,
      cause: this.cause,
      rootCode: root,
    };
  }

  failed(failure: Failure): void {
    this.#failure = failure;
  }

  /** Takes the state that follows from the counts. Returns the previous state if it has changed. */
  update(size: number, ready: number): PoolState | undefined {
    const before = this.#state;
    const state = stateOf(size, ready);
    if (state === 'up') this.#failure = undefined;
    if (state === before) return undefined;
    this.#state = state;
    this.#since = now();
    this.#notUpSince = state === 'up' ? undefined : (this.#notUpSince ?? this.#since);
    return before;
  }
}

function rootOf(failure: Failure): string | undefined {
  return failure instanceof Error ? rootCode(failure) : (failure.rootCode ?? failure.code);
}

/** The end of a life as an error. */
export function toError(failure: Failure): Error {
  if (failure instanceof Error) return failure;
  const { code, error, endpoint } = failure;
  return error ?? new ClosedError(`a life with ${formatEndpoint(endpoint)} ended: ${code}`, { endpoint });
}
