import type { Endpoint } from '../primitives/endpoint.js';
import type { DialError, DialPhase, HandshakeError } from '../primitives/errors.js';

/** Where a connection is in its life-cycle. */
export type ConnectionState = 'waiting' | 'connecting' | 'handshaking' | 'ready' | 'closing' | 'closed';

/** All values of {@link ResetCode}. */
export const resetCodes = [
  'remote-end',
  'error',
  'local-end',
  'handshake',
  'heartbeat',
  'idle',
  'max-age',
  'retired',
  'max-buffered',
  'requested',
  'disconnect',
] as const;

/**
 * Why a life ended.
 * - `remote-end`: the peer ended it.
 * - `error`: the socket failed; `error` says how.
 * - `local-end`: your application called `end()` or `destroy()` on the socket.
 * - `handshake`: the handshake threw, rejected or took too long.
 * - `heartbeat`: the peer did not answer a ping.
 * - `idle`: nothing was read for `idleTimeout`.
 * - `max-age`: the life was as old as `maxAge`.
 * - `retired`: your application called `connection.retire()`; `error` is its reason.
 * - `max-buffered`: more than `maxBuffered` bytes waited to be sent.
 * - `requested`: your application called `connection.reset()`.
 * - `disconnect`: your application called `disconnect()`.
 */
export type ResetCode = (typeof resetCodes)[number];

/** Why a life retires: for its age, as your application said so, or as its connection leaves. */
export type RetireCode = ResetCode & ('max-age' | 'retired' | 'disconnect');

/** The end of a life. */
export interface Reset {
  /** Why the life ended. */
  readonly code: ResetCode;
  /** What went wrong, if anything did. */
  readonly error?: Error;
  /** The code of the error at the end of the chain of causes of `error`, such as `ECONNRESET`, if there is one. */
  readonly rootCode?: string;
  /** Which life ended, counted from 1. */
  readonly life: number;
  /** The endpoint that this life was with. */
  readonly endpoint: Endpoint;
  /** How long the life lasted, in milliseconds. */
  readonly uptime: number;
  /**
   * Bytes that `write()` had accepted and the operating system had not taken, as `writableLength` counts them. They are lost;
   * bytes that the operating system took may be lost as well.
   */
  readonly unsentBytes: number;
  /** False when this was the last life. */
  readonly willReconnect: boolean;
  /** Milliseconds until the next dial, if there will be one. */
  readonly delay?: number;
}

/** A failed dial that another will follow. */
export interface DialFailure {
  /** What went wrong; its `cause` is Node's own error, with a code such as `ECONNREFUSED`. */
  readonly error: DialError;
  /** The endpoint that was dialled. */
  readonly endpoint: Endpoint;
  /** How far the dial had come. */
  readonly phase: DialPhase;
  /** How many dials in a row have failed, including this one. */
  readonly attempts: number;
  /** Milliseconds until the next dial; 0 if there is another endpoint to try. */
  readonly delay: number;
}

/** How far a connection had come when it failed: a phase of the dial, or the handshake of your application. */
export type FailurePhase = DialPhase | 'handshake';

/** A failed dial or a refused handshake, before it is decided whether another dial follows. */
export interface Failure {
  /** How far the connection had come. */
  readonly phase: FailurePhase;
  /** What went wrong; its `cause` is the error of Node.js, or what the handshake threw. */
  readonly error: DialError | HandshakeError;
  /** The endpoint that was dialled. */
  readonly endpoint: Endpoint;
  /** How many dials and handshakes in a row have failed, including this one. */
  readonly attempts: number;
}

/**
 * Why a connection ended:
 * - `disconnect`: `disconnect()` was called.
 * - `aborted`: its `signal` was aborted.
 * - `gave-up`: `maxAttempts` dials and handshakes in a row have failed.
 * - `fatal`: a failure was a `FatalError`, or `shouldRetry` has answered false.
 */
export type CloseCode = 'disconnect' | 'aborted' | 'gave-up' | 'fatal';

/** The end of a connection. */
export interface CloseReason {
  /** Why the connection ended. */
  readonly code: CloseCode;
  /** For `gave-up` and `fatal` the last failure; for `aborted` and `disconnect` the reason that was given, if there is one. */
  readonly error?: unknown;
  /** The endpoint of the last life, or of the last dial. */
  readonly endpoint: Endpoint;
  /** How many lives the connection had. */
  readonly lives: number;
}
