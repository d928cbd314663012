import type { Endpoint } from '../primitives/endpoint.js';
import type { DialError, DialPhase } from '../primitives/errors.js';

/** Every {@link ResetCode}. */
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
 * - `local-end`: the program called `end()` or `destroy()` on the socket.
 * - `handshake`: the handshake threw, rejected or took too long.
 * - `heartbeat`: the peer did not answer a ping.
 * - `idle`: nothing was read for `idleTimeout`.
 * - `max-age`: the life had lasted for `maxAge`.
 * - `max-buffered`: more than `maxBuffered` bytes were waiting to be sent.
 * - `requested`: the program called `connection.reset()`.
 * - `disconnect`: the program called `disconnect()`.
 */
export type ResetCode = (typeof resetCodes)[number];

/** The end of a life. */
export interface Reset {
  readonly code: ResetCode;
  /** What went wrong, where something did. */
  readonly error?: Error;
  /** Which life ended, counted from 1. */
  readonly life: number;
  /** The endpoint that this life was with. */
  readonly endpoint: Endpoint;
  /** How long the life lasted, in milliseconds. */
  readonly uptime: number;
  /**
   * What `write()` had accepted and the operating system had not taken whole, as `writableLength` counts it. At least
   * this is lost; what the operating system took may be lost as well.
   */
  readonly unsentBytes: number;
  /** False when this was the last life. */
  readonly willReconnect: boolean;
  /** Milliseconds until the next dial, when there will be one. */
  readonly delay?: number;
}

/** A dial that failed, when another will follow. */
export interface DialFailure {
  /** What went wrong; its `cause` is Node's own error, with a code such as `ECONNREFUSED`. */
  readonly error: DialError;
  /** The endpoint that was dialled. */
  readonly endpoint: Endpoint;
  /** How far the dial had come. */
  readonly phase: DialPhase;
  /** How many dials have failed in a row, this one included. */
  readonly attempts: number;
  /** Milliseconds until the next dial: 0 where there is another endpoint to try. */
  readonly delay: number;
}

/** Why a connection ended: `disconnect()` was called, its `signal` was aborted, or `maxAttempts` dials failed. */
export type CloseCode = 'disconnect' | 'aborted' | 'gave-up';

/** The end of a connection. */
export interface CloseReason {
  readonly code: CloseCode;
  /** The last dial's error when given up, or the signal's reason when aborted. */
  readonly error?: unknown;
  readonly endpoint: Endpoint;
  /** How many lives the connection had. */
  readonly lives: number;
}
