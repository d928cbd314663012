import type { Socket } from 'node:net';

/**
 * Discards the input that a closed socket still holds: unread bytes, and half a character in the decoder. Node.js would
 * deliver both in the next life. `read()` can emit `'data'`, so no event is emitted meanwhile.
 */
export function discardInput(socket: Socket): void {
  if (socket.readableLength > 0) {
    const patched = Object.hasOwn(socket, 'emit') ? socket.emit : undefined;
    socket.emit = () => false;
    try {
      while (socket.readableLength > 0 && socket.read() !== null);
    } finally {
      if (patched) socket.emit = patched;
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
 * Removes the mark that `node:http` leaves on a socket that has failed. A marked socket tells no later request that its
 * connection is lost. Only to be called after all listeners of `'close'`, in which `node:http` looks for the mark.
 */
export function discardFailure(socket: Socket & { _hadError?: boolean }): void {
  if (socket._hadError) socket._hadError = false;
}

/** The state that Node.js keeps of one side of a socket. */
interface Side {
  errored: unknown;
}

/**
 * Frees the error of the previous dial or life, after a socket has been connected again. Node.js only marks it as gone, and
 * holds it until the next error: in time, each of many connections would hold one.
 */
export function freeError(socket: Socket & { _readableState?: Side; _writableState?: Side }): void {
  for (const side of [socket._readableState, socket._writableState]) {
    if (!side) continue;
    // Null alone only changes the mark.
    side.errored = true;
    side.errored = null;
  }
}
