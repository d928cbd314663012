import { brand, ConnmanError, type ErrorDetails } from './connman-error.js';
import { describe } from './describe.js';

export { ConnmanError, type ErrorCode } from './connman-error.js';
export { describe, isError, messageOf } from './describe.js';
export { LifeEndedError } from './life-ended-error.js';
export { FatalError } from './fatal-error.js';
export { isFatal, rootCode, withCause } from './causes.js';

/** How far a dial has come: it looks up the name, connects, runs the `prelude`, and secures the link by TLS. */
export type DialPhase = 'lookup' | 'connect' | 'prelude' | 'tls';

/**
 * A dial failed: the look-up, the TCP connection, the prelude or TLS. `cause` is the error of Node.js, with a code such as
 * `ECONNREFUSED`, or what the prelude threw.
 *
 * @example
 * ```ts
 * import { DialError } from 'connman';
 *
 * export function isCertificateProblem(error: unknown): boolean {
 *   return error instanceof DialError && error.phase === 'tls';
 * }
 * ```
 */
export class DialError extends ConnmanError {
  override readonly name: string = 'DialError';
  /** How far the dial had come. */
  readonly phase: DialPhase;

  constructor(message: string, details: ErrorDetails & { readonly phase?: DialPhase } = {}) {
    super('CONNMAN_DIAL', message, details);
    this.phase = details.phase ?? 'connect';
  }
}

/**
 * `onConnect` or `onReconnect` threw, rejected, or did not finish within `handshakeTimeout`. `cause` is what it threw, or a
 * {@link TimeoutError}.
 *
 * @example
 * ```ts
 * import { HandshakeError, type Reset } from 'connman';
 *
 * export function loginProblem({ error }: Reset): unknown {
 *   return error instanceof HandshakeError ? error.cause : undefined;
 * }
 * ```
 */
export class HandshakeError extends ConnmanError {
  override readonly name: string = 'HandshakeError';

  constructor(message: string, details?: ErrorDetails) {
    super('CONNMAN_HANDSHAKE', message, details);
  }
}

/**
 * Something took longer than its option allows.
 *
 * @example
 * ```ts
 * import { TimeoutError } from 'connman';
 *
 * export function limitOf(error: unknown): number | undefined {
 *   return error instanceof TimeoutError ? error.timeout : undefined;
 * }
 * ```
 */
export class TimeoutError extends ConnmanError {
  override readonly name: string = 'TimeoutError';
  /** The limit that was exceeded, in milliseconds. */
  readonly timeout: number;

  constructor(message: string, timeout: number, details?: ErrorDetails) {
    super('CONNMAN_TIMEOUT', message, details);
    this.timeout = timeout;
  }
}

/**
 * The connection, pool or link is closed: nothing was sent, and nothing will be.
 *
 * @example
 * ```ts
 * import { ClosedError, type Pool } from 'connman';
 *
 * export async function isUsable(pool: Pool): Promise<boolean> {
 *   return pool.ready(1).then(
 *     () => true,
 *     (error: unknown) => !(error instanceof ClosedError),
 *   );
 * }
 * ```
 */
export class ClosedError extends ConnmanError {
  override readonly name: string = 'ClosedError';

  constructor(message: string, details?: ErrorDetails) {
    super('CONNMAN_CLOSED', message, details);
  }
}

/**
 * `createPool()` was given the name of a pool that is still connected.
 *
 * @example
 * ```ts
 * import { createPool, getPool, PoolExistsError, type Handler, type Pool } from 'connman';
 *
 * export function poolNamed(name: string, factory: () => Handler): Pool {
 *   try {
 *     return createPool(name, factory);
 *   } catch (error) {
 *     const known = error instanceof PoolExistsError ? getPool(name) : undefined;
 *     if (known) return known;
 *     throw error;
 *   }
 * }
 * ```
 */
export class PoolExistsError extends ConnmanError {
  override readonly name: string = 'PoolExistsError';

  constructor(message: string, details?: ErrorDetails) {
    super('CONNMAN_POOL_EXISTS', message, details);
  }
}

/**
 * A look-up of endpoints failed, or found none. `cause` is the error of Node.js, where there is one.
 *
 * @example
 * ```ts
 * import { DiscoveryError } from 'connman';
 *
 * export function failedDomain(error: unknown): string | undefined {
 *   return error instanceof DiscoveryError ? error.domain : undefined;
 * }
 * ```
 */
export class DiscoveryError extends ConnmanError {
  override readonly name: string = 'DiscoveryError';
  /** The name that was looked up. */
  readonly domain: string;

  constructor(message: string, domain: string, details?: ErrorDetails) {
    super('CONNMAN_DISCOVERY', message, details);
    this.domain = domain;
  }
}

/**
 * A pool has no connection that can be used. If none is ready, `cause` is what went wrong last.
 *
 * @example
 * ```ts
 * import { NoConnectionError, type Connection, type Pool } from 'connman';
 *
 * export function pickFrom(pool: Pool): Connection | undefined {
 *   try {
 *     return pool.pick();
 *   } catch (error) {
 *     if (error instanceof NoConnectionError) return undefined;
 *     throw error;
 *   }
 * }
 * ```
 */
export class NoConnectionError extends ConnmanError {
  override readonly name: string = 'NoConnectionError';

  constructor(message: string, details?: ErrorDetails) {
    super('CONNMAN_NO_CONNECTION', message, details);
  }
}

/**
 * `maxWaiters` callers wait for a connection of the pool already, or as many requests for their answers as the `limit` of a
 * `Requests` allows.
 *
 * @example
 * ```ts
 * import { QueueFullError, type Pool } from 'connman';
 *
 * export async function statusOf(pool: Pool, work: () => Promise<void>): Promise<number> {
 *   try {
 *     await pool.use(work);
 *     return 200;
 *   } catch (error) {
 *     return error instanceof QueueFullError ? 503 : 500;
 *   }
 * }
 * ```
 */
export class QueueFullError extends ConnmanError {
  override readonly name: string = 'QueueFullError';

  constructor(message: string, details?: ErrorDetails) {
    super('CONNMAN_QUEUE_FULL', message, details);
  }
}

/**
 * A wrong argument or option; the message says what was expected and what was given. It is a `TypeError`, and `instanceof
 * ConnmanError` holds for it as well.
 *
 * @example
 * ```ts
 * import { exponential, OptionError, type Backoff } from 'connman';
 *
 * export function backoffFrom(settings: object): Backoff {
 *   try {
 *     return exponential(settings);
 *   } catch (error) {
 *     if (error instanceof OptionError) console.error(`wrong setting ${error.option}: ${error.message}`);
 *     throw error;
 *   }
 * }
 * ```
 */
export class OptionError extends TypeError {
  /** The name of the class, which no minifier changes. */
  override readonly name: string = 'OptionError';
  /** As the `code` of the other errors. */
  readonly code = 'CONNMAN_OPTION' as const;
  /** The name of the argument or option. */
  readonly option: string;

  /** `got` says what the value is, where its kind does not say enough. */
  constructor(option: string, expected: string, value: unknown, got: string = describe(value)) {
    super(`${option}: expected ${expected}, got ${got}`);
    this.option = option;
  }
}
Object.defineProperty(OptionError.prototype, brand, { value: true });
