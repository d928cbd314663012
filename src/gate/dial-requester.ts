import type { Backoff } from '../backoff/index.js';
import type { DialError } from '../primitives/errors.js';

/** Who wants to dial: a connection, to its gate. */
export interface DialRequester {
  readonly options: {
    readonly firstBackoff: () => Backoff;
    readonly stableAfter: number;
  };
  /** Whether the program wants to be kept alive by it. */
  readonly isReferenced: boolean;
  /** Whether somebody waits for it to be ready. */
  readonly isWanted: boolean;
  /** It is its turn: it dials before this returns, and tells the gate how that went. */
  dial(): void;
  /** A dial of another has failed, while it waited for its own. */
  dialFailedElsewhere(error: DialError): void;
  /** The life of another was lost so soon that the endpoint is not believed, while it waited for its own. */
  endpointFlaps(): void;
  /** The program's own backoff threw, or gave no valid delay. */
  backoffFailed(error: unknown): void;
}
