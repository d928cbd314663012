import type { Endpoint } from '../primitives/endpoint.js';
import type { DialError, DialPhase } from '../primitives/errors.js';

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
 * - `max-buffered`: more than `maxBuffered` bytes waited to be sent.
 * - `requested`: your application called `connection.reset()`.
 * - `disconnect`: your application called `disconnect()`.
 */
export type ResetCode = (typeof resetCodes)[number];

/** The end of a life. */
export interface Reset {
  /** Why the life ended. */
  readonly code: ResetCode;
  /** What went wrong, if anything did. */
  readonly error?: Error;
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

/** Why a connection ended: `disconnect()` was called, its `signal` was aborted, or `maxAttempts` dials failed. */
export type CloseCode = 'disconnect' | 'aborted' | 'gave-up';

/** The end of a connection. */
export interface CloseReason {
  /** Why the connection ended. */
  readonly code: CloseCode;
  /** For `gave-up` the error of the last dial; for `aborted` the reason of the signal. */
  readonly error?: unknown;
  /** The endpoint of the last life, or of the last dial. */
  readonly endpoint: Endpoint;
  /** How many lives the connection had. */
  readonly lives: number;
}
