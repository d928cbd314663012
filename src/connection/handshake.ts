import { formatEndpoint, type Endpoint } from '../primitives/endpoint.js';
import { HandshakeError, messageOf, TimeoutError } from '../primitives/errors.js';
import { isThenable, type Handler, type ManagedSocket } from './handler.js';

/** Who waits for a handshake. Each hears of it once at the most, unless a late promise settles after its time. */
export interface HandshakeObserver {
  /** It is not done yet: a promise will tell. */
  pending(): void;
  done(): void;
  /** A promise was rejected. */
  rejected(cause: unknown): void;
  /** The callback threw. */
  threw(cause: unknown): void;
}

/** The callback that begins a life. */
export function handshakeCallback(life: number): 'onConnect' | 'onReconnect' {
  return life === 1 ? 'onConnect' : 'onReconnect';
}

/** Calls the handler at the beginning of a life, and follows what it returns. */
export function shakeHands(
  handler: Handler,
  life: number,
  socket: ManagedSocket,
  observer: HandshakeObserver,
): void {
  try {
    const outcome = handler[handshakeCallback(life)](socket);
    if (isThenable(outcome)) {
      observer.pending();
      outcome.then(
        () => observer.done(),
        (cause: unknown) => observer.rejected(cause),
      );
      return;
    }
  } catch (cause) {
    observer.threw(cause);
    return;
  }
  observer.done();
}

/** Why a handshake is ended that takes too long. */
export function handshakeTimedOut(timeout: number): TimeoutError {
  return new TimeoutError(`no result within ${timeout} ms`, timeout);
}

/** What a failed handshake is reported as. */
export function handshakeError(endpoint: Endpoint, life: number, cause: unknown): HandshakeError {
  const why = messageOf(cause);
  return new HandshakeError(`${handshakeCallback(life)} failed with ${formatEndpoint(endpoint)}: ${why}`, {
    cause,
    endpoint,
  });
}
