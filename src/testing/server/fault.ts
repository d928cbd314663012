import type { ServerConnection } from './server-connection.js';
import type { Data, Finish } from './wire.js';

/** Returns the server's answer to a chunk it has read; `undefined` sends nothing. */
export type Answer = (chunk: Buffer, connection: ServerConnection) => Data | undefined;

/** A finish, and the number of bytes that are received and answered before it. */
export interface FinishAt {
  /** The finish comes after this many bytes; 0 means at accept. */
  readonly at: number;
  /** Whether a FIN or a RST is sent. */
  readonly how: Finish;
}

/**
 * How a server treats one connection: frozen plain data, made by `echo()`, `reset()` and the other fault functions. A
 * fault starts when the connection is accepted; over TLS, when its handshake is done.
 *
 * The faults of a list act together. Every opening is sent, in order. Of several finishes the one at the lowest byte
 * counts. For everything else, the last fault that says something counts.
 *
 * @example
 * ```ts
 * import { type Fault, greet, resetAt, startFaultServer } from 'connman/testing';
 *
 * const faults: Fault[] = [greet('220 ready\r\n'), resetAt(6)];
 * await using server = await startFaultServer({ script: () => faults });
 * ```
 */
export interface Fault {
  /** The name of the function that made the fault. */
  readonly verb: string;
  /** Returns the data that the server sends at accept, given the number of the connection. Default: nothing. */
  readonly opening?: (connection: number) => Data;
  /** Returns the server's answer to what it reads. Default: the same bytes. */
  readonly answer?: Answer;
  /** Whether the server reads. Default: true. */
  readonly reads?: boolean;
  /** The largest number of bytes that the server sends at once. Default: no limit. */
  readonly slice?: number;
  /** Where and how the server finishes. Default: never. */
  readonly finish?: FinishAt;
  /** Whether the server answers the peer's FIN with its own. Default: true. */
  readonly answersEnd?: boolean;
}
