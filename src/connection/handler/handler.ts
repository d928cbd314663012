import { OptionError } from '../../primitives/errors.js';
import type { CloseReason, DialFailure, Reset } from '../stats/counters.js';
import type { ManagedSocket } from '../socket/managed-socket.js';

export type { DisconnectOptions, ManagedSocket } from '../socket/managed-socket.js';

/**
 * What a program does with its connection. Called as methods, so a class instance keeps its `this`; never called
 * before `connect()` has returned, never while connman is in the middle of a change, never after `onClose`.
 *
 * The order, for each connection: `onConnect (onData* onReset onReconnect)* … onReset? onClose`.
 */
export interface Handler {
  /**
   * The first life begins; once. A promise makes it a handshake: the connection is ready when it resolves, and the life
   * ends (code `handshake`) when it rejects or takes longer than `handshakeTimeout`.
   */
  onConnect(socket: ManagedSocket): void | Promise<void>;
  /** A life has ended; once per life. What was written and not yet answered is lost. */
  onReset(reset: Reset): void;
  /** A later life begins, on the socket that `onConnect` received; a promise is a handshake, as there. */
  onReconnect(socket: ManagedSocket): void | Promise<void>;
  /**
   * Bytes have arrived in this life. Leave it out to read the socket yourself: then begin to read (`'data'`,
   * `'readable'`, `pipe()`, `for await`) synchronously in `onConnect` and `onReconnect`, or the input is discarded.
   */
  onData?(chunk: Buffer): void;
  /** A dial has failed and another will follow. */
  onRetry?(failure: DialFailure): void;
  /** The end of the connection, once: nothing is called after it, but `onError` for what a callback threw. */
  onClose?(reason: CloseReason): void;
  /** One of the callbacks above, other than a handshake, threw or rejected. Without it, the error is thrown again. */
  onError?(error: unknown, where: string): void;
}

const required = ['onConnect', 'onReset', 'onReconnect'] as const;
const optional = ['onData', 'onRetry', 'onClose', 'onError'] as const;

/** Refuses a handler that lacks a required method, or has an optional one that is not a function. */
export function checkHandler(candidate: unknown): asserts candidate is Handler {
  const isPossible = (typeof candidate === 'object' && candidate !== null) || typeof candidate === 'function';
  if (!isPossible) {
    throw new OptionError('handler', 'an object with onConnect, onReset and onReconnect', candidate);
  }
  const handler = candidate as Partial<
    Record<(typeof required)[number] | (typeof optional)[number], unknown>
  >;
  for (const name of required) {
    if (typeof handler[name] !== 'function')
      throw new OptionError(`handler.${name}`, 'a function', handler[name]);
  }
  for (const name of optional) {
    const method = handler[name];
    if (method !== undefined && typeof method !== 'function') {
      throw new OptionError(`handler.${name}`, 'a function or nothing', method);
    }
  }
}
