import type { OnReadOpts, Socket } from 'node:net';

/** Gives bytes to `onread` as if Node.js had read them into its buffer. */
export function feedOnread(socket: Socket, { buffer, callback }: OnReadOpts, bytes: Buffer): void {
  for (let at = 0; at < bytes.length && !socket.destroyed;) {
    const into = typeof buffer === 'function' ? buffer() : buffer;
    const length = Math.min(into.length, bytes.length - at);
    into.set(bytes.subarray(at, at + length));
    at += length;
    // What is here already is delivered: Node.js has no place to keep it.
    const goesOn = callback.call(socket, length, into) as unknown;
    if (goesOn === false) socket.pause();
  }
}
