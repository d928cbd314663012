import { formatEndpoint, type Endpoint } from '../../primitives/endpoint.js';
import { HandshakeError, TimeoutError, withCause } from '../../primitives/errors.js';
import type { Handler } from '../handler/connection.js';

type HandshakeCallback = 'onConnect' | 'onReconnect';

/** The callback that begins a life. */
export function handshakeCallback(life: number, handler: Handler): HandshakeCallback {
  return life === 1 || !handler.onReconnect ? 'onConnect' : 'onReconnect';
}

/** The error of a handshake that takes too long. */
export function handshakeTimedOut(timeout: number): TimeoutError {
  return new TimeoutError(`no result within ${timeout} ms`, timeout);
}

/** The error of a handshake that failed. */
export function handshakeError(
  endpoint: Endpoint,
  callback: HandshakeCallback,
  cause: unknown,
): HandshakeError {
  const what = `${callback} failed with ${formatEndpoint(endpoint)}`;
  return new HandshakeError(withCause(what, cause ?? String(cause)), { cause, endpoint });
}
