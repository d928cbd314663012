import type { Socket } from 'node:net';
import type { Traffic } from './totals.js';

/** What present lives have read and written, and what they have not sent yet. */
export interface LiveTraffic extends Traffic {
  unsentBytes: number;
}

/** The connection, as far as the traffic of its present life is counted. */
export interface Living {
  readonly presentLife: object | undefined;
  readonly link: { readonly current: Socket };
}

/** Where Node.js counts the bytes of an open socket. Its own getters on the socket ask there, and take twice as long. */
interface Handle {
  readonly bytesRead?: number;
  readonly bytesWritten?: number;
}

type Inner = Socket & { readonly _handle?: Handle | null; readonly _bytesDispatched?: number };

/** Adds the traffic of the present life of a connection to a sum. */
export function addTraffic(sum: LiveTraffic, { presentLife, link }: Living): void {
  if (!presentLife) return;
  const socket: Inner = link.current;
  const handle = socket._handle;
  sum.bytesRead += handle?.bytesRead ?? socket.bytesRead;
  sum.bytesWritten += handle?.bytesWritten ?? bytesDispatched(socket);
  sum.unsentBytes += socket.writableLength;
}

/**
 * What was given to the operating system. Unlike `bytesWritten` it leaves out what still waits to be sent, and is dropped when
 * a life ends; otherwise a counter would shrink.
 */
export function bytesDispatched(socket: Inner): number {
  return socket._bytesDispatched ?? socket.bytesWritten ?? 0;
}
