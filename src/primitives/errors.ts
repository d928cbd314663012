/** The code of a {@link ConnmanError}; stable, for programs to switch on. */
export type ErrorCode =
  | 'CONNMAN_DIAL'
  | 'CONNMAN_HANDSHAKE'
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
}

/** What an error carries besides its message. */
export interface ErrorDetails {
  readonly cause?: unknown;
  readonly endpoint?: ErrorEndpoint | undefined;
  readonly pool?: string | undefined;
}

const brand = Symbol.for('connman.error');

/**
 * The base of every error connman makes. `instanceof ConnmanError` also holds for an `OptionError` and for errors
 * of a second copy of connman in the same program.
 */
export class ConnmanError extends Error {
  /** Which kind of error this is; never changes between releases. */
  readonly code: ErrorCode;
  /** The endpoint concerned, where there is one. */
  readonly endpoint: ErrorEndpoint | undefined;
  /** The name of the pool concerned, where there is one. */
  readonly pool: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const own = Object.assign(Object.create(null) as ErrorDetails, details);
    super(message, 'cause' in own ? { cause: own.cause } : undefined);
    this.name = new.target.name;
    this.code = code;
    this.endpoint = own.endpoint;
    this.pool = own.pool;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== ConnmanError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && brand in value;
  }
}
Object.defineProperty(ConnmanError.prototype, brand, { value: true });

/** How far a dial has come: it looks up the name, connects, and secures the link by TLS. */
export type DialPhase = 'lookup' | 'connect' | 'tls';

/** One dial failed: DNS, TCP, TLS, a refused or dropped attempt. `cause` is Node's own error. */
export class DialError extends ConnmanError {
  /** How far the dial had come. */
  readonly phase: DialPhase;

  constructor(message: string, details: ErrorDetails & { readonly phase?: DialPhase } = {}) {
    super('CONNMAN_DIAL', message, details);
    this.phase = (Object.hasOwn(details, 'phase') && details.phase) || 'connect';
  }
}

/** What `onConnect` or `onReconnect` threw, rejected with, or did not finish in time; see `cause`. */
export class HandshakeError extends ConnmanError {
  constructor(message: string, details?: ErrorDetails) {
    super('CONNMAN_HANDSHAKE', message, details);
  }
}

/** Something took longer than its option allows. */
export class TimeoutError extends ConnmanError {
  /** The limit that was exceeded, in milliseconds. */
  readonly timeout: number;

  constructor(message: string, timeout: number, details?: ErrorDetails) {
    super('CONNMAN_TIMEOUT', message, details);
    this.timeout = timeout;
  }
}

/** The connection, pool or link is closed: nothing was sent, nothing will be. */
export class ClosedError extends ConnmanError {
  constructor(message: string, details?: ErrorDetails) {
    super('CONNMAN_CLOSED', message, details);
  }
}

/** `createPool()` was given the name of a pool that is still connected. */
export class PoolExistsError extends ConnmanError {
  constructor(message: string, details?: ErrorDetails) {
    super('CONNMAN_POOL_EXISTS', message, details);
  }
}

/** A look-up for endpoints failed, or found none. `cause` is Node's own error, where there is one. */
export class DiscoveryError extends ConnmanError {
  /** The name that was looked up. */
  readonly domain: string;

  constructor(message: string, domain: string, details?: ErrorDetails) {
    super('CONNMAN_DISCOVERY', message, details);
    this.domain = domain;
  }
}

/** A pool has no connection that can be used; `cause` is what went wrong last, where none is ready. */
export class NoConnectionError extends ConnmanError {
  constructor(message: string, details?: ErrorDetails) {
    super('CONNMAN_NO_CONNECTION', message, details);
  }
}

/** So many wait for a connection of a pool that nobody else may. */
export class QueueFullError extends ConnmanError {
  constructor(message: string, details?: ErrorDetails) {
    super('CONNMAN_QUEUE_FULL', message, details);
  }
}

/** A wrong argument or option: says what was expected and what was given. Also a `TypeError`. */
export class OptionError extends TypeError {
  readonly code = 'CONNMAN_OPTION' as const;
  /** The name of the argument or option. */
  readonly option: string;

  /** `got` says what the value is, where its kind does not say enough. */
  constructor(option: string, expected: string, value: unknown, got: string = describe(value)) {
    super(`${option}: expected ${expected}, got ${got}`);
    this.name = 'OptionError';
    this.option = option;
  }
}
Object.defineProperty(OptionError.prototype, brand, { value: true });

/**
 * Says what a value is without running any code of its own. Text is not repeated: it may be a secret that was put in the
 * wrong place. But a number or a truth value in quotes is shown, as a likely slip.
 */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return /^$|^-?[\d.]{1,10}$|^(?:true|false)$/.test(value)
        ? JSON.stringify(value)
        : `a string of ${value.length} characters`;
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? `${value}n` : 'a long bigint';
    case 'function':
    case 'symbol':
      return `a ${typeof value}`;
    default:
      return value === null ? 'null' : kindOf(value as object);
  }
}

/** What kind of object it is. A revoked proxy throws for whatever is asked of it, be it `Array.isArray()`. */
export function kindOf(value: object): 'an array' | 'an object' | 'a revoked proxy' {
  try {
    return Array.isArray(value) ? 'an array' : 'an object';
  } catch {
    return 'a revoked proxy';
  }
}

/** What something that was thrown says, if it says anything: it need not be an `Error`, nor have a text. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return describe(thrown);
  }
}
