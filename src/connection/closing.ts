import { formatEndpoint, type Endpoint } from '../primitives/endpoint.js';
import { ClosedError } from '../primitives/errors.js';
import type { CloseCode, CloseReason } from './stats/counters.js';

/** A connection that is to be closed, or is: why. */
export class Closing {
  readonly code: CloseCode;
  readonly error: unknown;

  constructor(code: CloseCode, error?: unknown) {
    this.code = code;
    this.error = error;
  }

  /** The end as the handler is told of it. */
  reason(endpoint: Endpoint, lives: number): CloseReason {
    const { code, error } = this;
    return Object.freeze({ code, ...(error !== undefined && { error }), endpoint, lives });
  }
}

/** What is said to who wants something of a closed connection. */
export function closedError(endpoint: Endpoint, cause: unknown): ClosedError {
  return new ClosedError(`connection to ${formatEndpoint(endpoint)} is closed`, {
    endpoint,
    ...(cause !== undefined && { cause }),
  });
}
