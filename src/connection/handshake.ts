import { formatEndpoint, type Endpoint } from '../primitives/endpoint.js';
import { HandshakeError, messageOf, TimeoutError } from '../primitives/errors.js';
import { isThenable, type Handler, type ManagedSocket } from './handler.js';

/** Who waits for a handshake. Each hears of it once at the most, unless a late promise settles after its time. */
export interface HandshakeObserver<Owner> {
  /** It is not done yet: a promise will tell. */
  pending(owner: Owner, life: number): void;
  done(owner: Owner, life: number): void;
  /** A promise was rejected. */
  rejected(owner: Owner, life: number, cause: unknown): void;
  /** The callback threw. */
  threw(owner: Owner, life: number, cause: unknown): void;
}

/** Whose handshake it is. */
interface HandshakeOwner {
  readonly handler: Handler;
  readonly life: number;
  readonly socket: ManagedSocket;
}

/** The callback that begins a life. */
export function handshakeCallback(life: number): 'onConnect' | 'onReconnect' {
  return life === 1 ? 'onConnect' : 'onReconnect';
}

/** Calls the handler at the beginning of a life, and follows what it returns. */
export function shakeHands<Owner extends HandshakeOwner>(
  owner: Owner,
  observer: HandshakeObserver<Owner>,
): void {
  const { life } = owner;
  try {
    const outcome = owner.handler[handshakeCallback(life)](owner.socket);
    if (isThenable(outcome)) {
      observer.pending(owner, life);
      outcome.then(
        () => observer.done(owner, life),
        (cause: unknown) => observer.rejected(owner, life, cause),
      );
      return;
    }
  } catch (cause) {
    observer.threw(owner, life, cause);
    return;
  }
  observer.done(owner, life);
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
