import type { Socket } from 'node:net';
import { ownOptions } from '../../primitives/own-options.js';

/**
 * Discards what a closed socket still holds of its input: unread bytes, and half a character in the decoder. Node.js
 * would deliver both in the next life. `read()` would also hand the bytes to `'data'` listeners when nothing went
 * wrong, so nobody hears of it meanwhile.
 */
export function discardInput(socket: Socket): void {
  if (socket.readableLength > 0) {
    const patched = Object.getOwnPropertyDescriptor(socket, 'emit');
    Object.defineProperty(socket, 'emit', ownOptions({}, { value: () => false, configurable: true }));
    try {
      while (socket.readableLength > 0 && socket.read() !== null);
    } finally {
      if (patched) Object.defineProperty(socket, 'emit', ownOptions({}, patched));
      else Reflect.deleteProperty(socket, 'emit');
    }
  }
  if (socket.readableEncoding !== null) socket.setEncoding(socket.readableEncoding);
}

/** Ends every cork of a closed socket, which would hold back the writes of the next life. */
export function discardOutput(socket: Socket): void {
  while (socket.writableCorked > 0) socket.uncork();
}

/**
 * Takes away the mark of a failure that `node:http` leaves on a socket: a marked one tells no request any more that its
 * connection is lost. Not before everybody has heard `'close'`, where `node:http` looks for it.
 */
export function discardFailure(socket: Socket & { _hadError?: boolean }): void {
  if (socket._hadError) socket._hadError = false;
}

/** What Node.js keeps of one side of a socket. */
interface Side {
  errored: unknown;
}

/**
 * Frees the error of the previous dial or life, after a socket has been connected again: Node.js then marks it as gone, but
 * holds it until there is another. Among many connections, ever more would have one.
 */
export function freeError(socket: Socket & { _readableState?: Side; _writableState?: Side }): void {
  for (const side of [socket._readableState, socket._writableState]) {
    if (!side) continue;
    // In its place, as null only changes the mark.
    side.errored = true;
    side.errored = null;
  }
}
