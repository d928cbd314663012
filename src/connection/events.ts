import type { Endpoint } from '../primitives/endpoint.js';
import type { DialError, DialPhase } from '../primitives/errors.js';
import type { ConnectionState } from './life-cycle.js';

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
export type ResetCode =
  | 'remote-end'
  | 'error'
  | 'local-end'
  | 'handshake'
  | 'heartbeat'
  | 'idle'
  | 'max-age'
  | 'max-buffered'
  | 'requested'
  | 'disconnect';

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

/** What a connection has done so far: a snapshot. */
export interface ConnectionStats {
  readonly endpoint: Endpoint;
  readonly state: ConnectionState;
  /** How many lives have begun. */
  readonly life: number;
  /** How long the present life has lasted, in milliseconds; 0 outside a life. */
  readonly uptime: number;
  /** How many dials have begun, and how many of those failed. */
  readonly dials: number;
  readonly failedDials: number;
  /** Bytes over all lives. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** The last life that ended, and the last error of a dial. */
  readonly lastReset: Reset | undefined;
  readonly lastDialError: DialError | undefined;
}
