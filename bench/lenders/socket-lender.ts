import type { Socket } from 'node:net';
import type { Lender, Witness } from './lender.js';

/** A pool of anything, here of sockets. It does not notice that one of them is closed: who borrowed it has to say so. */
export interface SocketLender extends Lender<Socket> {
  /** Gives back one that is closed, so that another takes its place. */
  discard(socket: Socket): void;
  /** Ends the pool, once everything has been given back. */
  close(): Promise<unknown>;
}

/** Opens a pool of `size` sockets to the server on `port`. */
export type OpenSocketLender = (port: number, size: number, witness: Witness) => SocketLender;
