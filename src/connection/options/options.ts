import { ADDRCONFIG, ALL, V4MAPPED } from 'node:dns';
import {
  BlockList,
  type LookupFunction,
  type OnReadOpts,
  type SocketConstructorOpts,
  type TcpSocketConnectOpts,
} from 'node:net';
import { isUint8Array } from 'node:util/types';
import { toBackoffFactory, type Backoff } from '../../backoff/index.js';
import {
  abortSignal,
  boolean,
  callable,
  check,
  countFrom,
  ipAddress,
  instanceOf,
  integerFrom,
  keepAliveMilliseconds,
  longestDelay,
  milliseconds,
  oneOf,
  positiveMilliseconds,
  readOptions,
  type Check,
} from '../../primitives/checks.js';
import { readTarget } from '../../primitives/endpoint.js';
import { isError, OptionError } from '../../primitives/errors.js';
import type { Failure } from '../stats/counters.js';
import { adviceOnOption } from './advice.js';
import type { ConnectionOptions } from './connection-options.js';
import type { DisconnectOptions, Handler } from '../handler/connection.js';
import { dialNames, ownOptions, socketNames } from '../../primitives/own-options.js';
import type { Prelude } from '../socket/prelude-socket.js';
import type { TlsSource } from '../tls/asked.js';
import { checkTls, resolveTls, type ResolvedTls } from '../tls/options.js';
import { readMaxAge } from '../liveness/max-age.js';
import { readHeartbeat, resolveLiveness, type Liveness } from '../liveness/heartbeat.js';

/** Options of the `net.Socket` constructor; which of them the types of Node.js have there depends on their version. */
type SocketOptions = SocketConstructorOpts &
  Pick<ConnectionOptions, 'onread' | 'noDelay' | 'keepAlive' | 'keepAliveInitialDelay'>;

/** Options as a connection uses them: complete, checked, frozen. */
export interface ResolvedOptions {
  readonly connectTimeout: number;
  readonly handshakeTimeout: number;
  readonly stableAfter: number;
  readonly maxAttempts: number;
  readonly shouldRetry: ((failure: Failure) => boolean) | undefined;
  readonly timeout: number;
  readonly reuseReadBuffer: boolean;
  /** Infinity where there is no limit. */
  readonly maxBuffered: number;
  readonly autoCork: boolean;
  readonly keepsListeners: boolean;
  readonly firstBackoff: () => Backoff;
  readonly signal: AbortSignal | undefined;
  readonly blockList: BlockList | undefined;
  readonly lookup: LookupFunction | undefined;
  /** What to look for from time to time, if anything. */
  readonly liveness: Liveness | undefined;
  /** Options, or a function that is asked for those of each dial. */
  readonly tls: ResolvedTls | TlsSource | undefined;
  readonly prelude: Prelude | undefined;
  readonly socket: Readonly<SocketOptions>;
  readonly dial: Readonly<Partial<TcpSocketConnectOpts>>;
}

const socketChecks = {
  noDelay: boolean,
  keepAlive: boolean,
  keepAliveInitialDelay: keepAliveMilliseconds,
  allowHalfOpen: boolean,
  highWaterMark: integerFrom(0, Number.MAX_SAFE_INTEGER),
  readableHighWaterMark: integerFrom(0, Number.MAX_SAFE_INTEGER),
  writableHighWaterMark: integerFrom(0, Number.MAX_SAFE_INTEGER),
  onread: readOnread,
} satisfies Partial<Record<keyof ConnectionOptions, Check>>;

const dialChecks = {
  family: oneOf(0, 4, 6),
  hints: lookupHints,
  localAddress: ipAddress,
  localPort: integerFrom(0, 65_535),
  autoSelectFamily: boolean,
  autoSelectFamilyAttemptTimeout: integerFrom(1, longestDelay),
} satisfies Partial<Record<keyof ConnectionOptions, Check>>;

/** What each option of a connection must be. */
export const connectionChecks: Readonly<Record<keyof ConnectionOptions, Check>> = {
  connectTimeout: positiveMilliseconds,
  handshakeTimeout: positiveMilliseconds,
  backoff: (name, value) => void toBackoffFactory(value as Backoff, name),
  stableAfter: milliseconds,
  maxAttempts: countFrom(1),
  shouldRetry: callable,
  reuseReadBuffer: boolean,
  heartbeat: readHeartbeat,
  idleTimeout: milliseconds,
  maxAge: (name, value) => void readMaxAge(name, value),
  maxBuffered: integerFrom(0, Number.MAX_SAFE_INTEGER),
  autoCork: boolean,
  listeners: oneOf('keep', 'life'),
  tls: checkTls,
  prelude: readPrelude,
  signal: abortSignal,
  lookup: callable,
  blockList: instanceOf(BlockList, 'a net.BlockList', (list) => list.check('0.0.0.0')),
  timeout: milliseconds,
  ...socketChecks,
  ...dialChecks,
};

/** What each option of `disconnect()` must be. */
export const disconnectChecks: Readonly<Record<keyof DisconnectOptions, Check>> = {
  grace: milliseconds,
  drain: milliseconds,
  reason: check('an Error', isError),
};

/** The options of `disconnect()`, checked. */
export function readDisconnect(options: DisconnectOptions = {}): DisconnectOptions {
  return readOptions<DisconnectOptions>('options', options, disconnectChecks);
}

/** The caller's options, checked and completed; the caller's object is neither kept nor changed. */
export function resolveOptions(options: ConnectionOptions = {}): ResolvedOptions {
  const own = readConnectionOptions(options);
  const onread = onreadOf(own);
  return Object.freeze({
    connectTimeout: own.connectTimeout ?? 10_000,
    handshakeTimeout: own.handshakeTimeout ?? 10_000,
    stableAfter: own.stableAfter ?? 5_000,
    maxAttempts: own.maxAttempts ?? Infinity,
    shouldRetry: own.shouldRetry,
    timeout: own.timeout ?? 0,
    reuseReadBuffer: own.reuseReadBuffer ?? false,
    maxBuffered: own.maxBuffered || Infinity,
    // Over TLS, Node.js puts small writes together itself: corking was never faster there, and often slower.
    autoCork: (own.autoCork ?? true) && own.tls === undefined,
    keepsListeners: own.listeners !== 'life',
    liveness: resolveLiveness(own),
    tls: resolveTls(own),
    prelude: own.prelude,
    firstBackoff: toBackoffFactory(own.backoff, 'options.backoff'),
    signal: own.signal,
    blockList: own.blockList,
    lookup: own.lookup,
    // Not frozen: V8 would make a hidden class, of half a kilobyte, for each object without a prototype.
    socket: ownOptions(socketNames, {
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 15_000,
      ...pick(own, Object.keys(socketChecks)),
      ...(onread && { onread }),
    }),
    dial: ownOptions(dialNames, pick(own, Object.keys(dialChecks))),
  });
}

/** Defaults, and what overrides them, both checked: an option that is `undefined` overrides nothing. */
export function mergeOptions(defaults: ConnectionOptions, overrides: ConnectionOptions): ConnectionOptions {
  return { ...readConnectionOptions(defaults), ...readConnectionOptions(overrides) };
}

/** Refuses options that contradict the handler's way of reading. */
export function checkReading(options: ResolvedOptions, handler: Handler): void {
  if (options.socket.onread && options.reuseReadBuffer) {
    throw new OptionError('options.reuseReadBuffer', 'false or nothing beside options.onread', true);
  }
  if (options.socket.onread && handler.onData) {
    throw new OptionError(
      'handler.onData',
      'nothing beside options.onread, which gets the input',
      handler.onData,
    );
  }
  if (options.reuseReadBuffer && !handler.onData) {
    throw new OptionError('handler.onData', 'a function, as options.reuseReadBuffer is set', undefined);
  }
}

function readConnectionOptions(options: ConnectionOptions): ConnectionOptions {
  return readOptions<ConnectionOptions>('options', options, connectionChecks, adviceOnOption);
}

function pick(options: ConnectionOptions, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}

/** Where to read into, which Node.js also takes among the options of TLS. */
function onreadOf({ onread, tls }: ConnectionOptions): OnReadOpts | undefined {
  const ofTls = typeof tls === 'object' ? tls.onread : undefined;
  if (ofTls === undefined) return onread && readOnread('options.onread', onread);
  if (onread !== undefined)
    throw new OptionError('options.onread', 'nothing beside options.tls.onread', onread);
  return readOnread('options.tls.onread', ofTls);
}

/** A copy, so that Node.js, which reads it for itself, sees what was checked. */
function readOnread(name: string, value: unknown): OnReadOpts {
  const own = readOptions<OnReadOpts>(name, value, { buffer: bufferOrMaker, callback: callable });
  callable(`${name}.callback`, own.callback);
  bufferOrMaker(`${name}.buffer`, own.buffer);
  return Object.freeze({ ...own });
}

/** A function, whose target is shown wherever the endpoint is. */
function readPrelude(name: string, value: unknown): void {
  callable(name, value);
  const { target } = value as Prelude;
  if (target !== undefined) readTarget(`${name}.target`, target);
}

function lookupHints(name: string, value: unknown): void {
  if (!Number.isInteger(value) || (Number(value) & ~(ADDRCONFIG | V4MAPPED | ALL)) !== 0) {
    throw new OptionError(name, 'a combination of dns.ADDRCONFIG, dns.V4MAPPED and dns.ALL', value);
  }
}

const bufferOrMaker = check(
  'a Uint8Array that is not empty, or a function that makes one',
  (value) => typeof value === 'function' || (isUint8Array(value) && value.length > 0),
);
