import { ConnmanError, type ErrorDetails } from './connman-error.js';

/**
 * A life is over: the reason of its `connection.signal` and of the `signal` of its lease, of its requests that got no answer,
 * and of a `use()` that wrote after the end. `reset` says how it ended.
 *
 * @example
 * ```ts
 * import { LifeEndedError, type Connection } from 'connman';
 *
 * export function whyItEnded({ signal }: Connection): string | undefined {
 *   return signal.reason instanceof LifeEndedError ? signal.reason.reset?.code : undefined;
 * }
 * ```
 */
export class LifeEndedError extends ConnmanError {
  override readonly name: string = 'LifeEndedError';
  /** How the life ended. `undefined` where no life has begun. */
  readonly reset: { readonly code: string; readonly life: number; readonly error?: Error } | undefined;

  /** What the function given to `pool.use()` has returned, although a write of it was refused. */
  readonly result: unknown;

  constructor(message: string, details: LifeEndedDetails = {}) {
    super('CONNMAN_LIFE_ENDED', message, details);
    this.reset = details.reset;
    this.result = details.result;
  }
}

interface LifeEndedDetails extends ErrorDetails {
  readonly reset?: LifeEndedError['reset'];
  readonly result?: unknown;
}
