import { OptionError } from '../../primitives/errors.js';
import type { CloseReason, DialFailure, Reset } from '../stats/counters.js';
import type { ManagedSocket } from '../socket/managed-socket.js';

export type { DisconnectOptions, ManagedSocket } from '../socket/managed-socket.js';

/**
 * What your application does with a connection. `connect()` takes one, and the factory of a pool makes one for each connection.
 *
 * The methods are called in this order: `onConnect (onData* onReset onReconnect)* … onReset? onClose`. They are called as
 * methods, so `this` is the handler, and in the async context (`AsyncLocalStorage`) of the call that made the connection. They
 * are never called before `connect()` has returned, in the middle of a change of state, or after `onClose`; only `onError` may
 * be called after it.
 *
 * @example
 * ```ts
 * import { connect, type Handler, type ManagedSocket, type Reset } from 'connman';
 *
 * class Client implements Handler {
 *   onConnect(socket: ManagedSocket): void {
 *     socket.write('PING\r\n');
 *   }
 *   onReset({ code, unsentBytes }: Reset): void {
 *     console.log(`lost (${code}) with ${unsentBytes} bytes not sent`);
 *   }
 *   onReconnect(socket: ManagedSocket): void {
 *     socket.write('PING\r\n');
 *   }
 *   onData(chunk: Buffer): void {
 *     console.log(chunk.toString());
 *   }
 * }
 *
 * connect(6379, '127.0.0.1', new Client());
 * ```
 */
export interface Handler {
  /**
   * The first life begins. Called once. A promise makes it a handshake: the connection is ready when it resolves, and the life
   * ends (code `handshake`) when it rejects or takes longer than `handshakeTimeout`.
   */
  onConnect(socket: ManagedSocket): void | Promise<void>;
  /**
   * A life has ended. Called once for each life, never for a failed dial. Whatever was written and not yet answered is lost.
   */
  onReset(reset: Reset): void;
  /**
   * A later life begins. Over TCP and Unix sockets, `socket` is the object that `onConnect` received; over TLS it is a new one.
   * A promise is a handshake, as for `onConnect`.
   */
  onReconnect(socket: ManagedSocket): void | Promise<void>;
  /**
   * Bytes have arrived. Leave it out to read the socket yourself. Then begin to read (`'data'`, `'readable'`, `pipe()`,
   * `for await`) synchronously in `onConnect` and `onReconnect`: connman discards input that has no reader.
   */
  onData?(chunk: Buffer): void;
  /** A dial of this connection has failed, and another dial will follow. */
  onRetry?(failure: DialFailure): void;
  /** The connection is closed. Called once, and last; only `onError` may follow, with an error that a callback threw. */
  onClose?(reason: CloseReason): void;
  /**
   * Your code threw or rejected with `error`. `where` names it: a callback such as `onData`, or `heartbeat.ping`, or `backoff`.
   * A failed handshake ends its life instead. Without this method, the error is thrown as an uncaught exception.
   */
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
