import { formatEndpoint, type Endpoint } from '../primitives/endpoint.js';
import { HandshakeError, TimeoutError, withCause } from '../primitives/errors.js';

/** The callback that begins a life. */
export function handshakeCallback(life: number): 'onConnect' | 'onReconnect' {
  return life === 1 ? 'onConnect' : 'onReconnect';
}

/** The error of a handshake that takes too long. */
export function handshakeTimedOut(timeout: number): TimeoutError {
  return new TimeoutError(`no result within ${timeout} ms`, timeout);
}

/** The error of a handshake that failed. */
export function handshakeError(endpoint: Endpoint, life: number, cause: unknown): HandshakeError {
  const what = `${handshakeCallback(life)} failed with ${formatEndpoint(endpoint)}`;
  return new HandshakeError(withCause(what, cause ?? String(cause)), { cause, endpoint });
}
