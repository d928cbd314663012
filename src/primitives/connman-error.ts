import { rootCode } from './causes.js';

/** The code of a {@link ConnmanError}: stable, for your application to switch on. */
export type ErrorCode =
  | 'CONNMAN_DIAL'
  | 'CONNMAN_HANDSHAKE'
  | 'CONNMAN_LIFE_ENDED'
  | 'CONNMAN_TIMEOUT'
  | 'CONNMAN_CLOSED'
  | 'CONNMAN_MAX_BUFFERED'
  | 'CONNMAN_POOL_EXISTS'
  | 'CONNMAN_NO_CONNECTION'
  | 'CONNMAN_QUEUE_FULL'
  | 'CONNMAN_RELEASED'
  | 'CONNMAN_UNREAD_INPUT'
  | 'CONNMAN_LEAK'
  | 'CONNMAN_DISCOVERY'
  | 'CONNMAN_OPTION';

/** The endpoint an error is about, as plain data. */
export interface ErrorEndpoint {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  /** What is behind the endpoint, where the dial goes on from there: by a proxy. */
  readonly target?: string | undefined;
}

/** What an error carries besides its message. */
export interface ErrorDetails {
  readonly cause?: unknown;
  readonly endpoint?: ErrorEndpoint | undefined;
  readonly pool?: string | undefined;
}

/** Marks the errors of every copy of connman. */
export const brand: unique symbol = Symbol.for('connman.error');

/**
 * The base of every error connman makes. `instanceof ConnmanError` also holds for an `OptionError`, and for errors of a second
 * copy of connman in the same process.
 *
 * @example
 * ```ts
 * import { ConnmanError } from 'connman';
 *
 * export function isOverload(error: unknown): boolean {
 *   return error instanceof ConnmanError && error.code === 'CONNMAN_QUEUE_FULL';
 * }
 * ```
 */
export class ConnmanError extends Error {
  /** The name of the class, which no minifier changes. */
  override readonly name: string = 'ConnmanError';
  /** Which kind of error this is; never changes between releases. */
  readonly code: ErrorCode;
  /** The endpoint concerned, where there is one. */
  readonly endpoint: ErrorEndpoint | undefined;
  /** The name of the pool concerned, where there is one. */
  readonly pool: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.endpoint = details.endpoint;
    this.pool = details.pool;
  }

  /**
   * The code of the error that began it all, at the end of the chain of causes: `ECONNREFUSED` where a server refused the dial
   * that a caller waited for. Without such a code, the code of the error itself.
   */
  get rootCode(): string {
    return rootCode(this) ?? this.code;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== ConnmanError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && brand in value;
  }
}
Object.defineProperty(ConnmanError.prototype, brand, { value: true });
