import type { Backoff } from '../backoff/index.js';
import type { DialError } from '../primitives/errors.js';

/** What a gate asks of a connection that wants to dial. */
export interface DialRequester {
  readonly options: {
    /** Makes the first step of its backoff. Requesters with the same function share one backoff. */
    readonly firstBackoff: () => Backoff;
    /** How long a dial of it may take, in milliseconds. */
    readonly connectTimeout: number;
    /** From how many milliseconds on a life counts as stable. */
    readonly stableAfter: number;
  };
  /** Whose it is: what made its handler, and those of others, or the requester itself. Owners take turns. */
  readonly owner: object;
  /** Whether its waits keep the process alive. */
  readonly isReferenced: boolean;
  /** How long it does not dial, in milliseconds, although it waits here, unless it is made urgent. Without it, 0. */
  readonly rest?: number;
  /** Whether a caller waits for it to be ready. */
  readonly isWanted: boolean;
  /** Its turn has come: it dials before this returns, and reports the outcome to the gate. */
  dial(): void;
  /** While it waited, the dial of another requester failed, which is true of its own as well if its options are like those. */
  dialFailedElsewhere(error: DialError, other: DialRequester): void;
  /** While it waited, the endpoint began to flap: it lost another connection too soon. */
  endpointFlaps(): void;
  /** The user's own backoff threw, or gave no valid delay. */
  backoffFailed(error: unknown): void;
}

/** Whether others share its owner, or may. */
export function hasAllies(requester: DialRequester): boolean {
  return requester.owner !== requester;
}
