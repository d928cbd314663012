import type { Socket } from 'node:net';
import { addedListeners, listenersOf } from './listeners.js';

/**
 * Node's own iteration over the chunks of one life, without what it leaves behind: where a life ends badly it keeps
 * its listeners on the socket, taking it for dead, and they would pile up life by life.
 */
export async function* iterate(
  socket: Socket,
  chunks: AsyncIterator<unknown>,
): AsyncGenerator<unknown, void> {
  const before = listenersOf(socket);
  const first = chunks.next();
  const added = addedListeners(before, listenersOf(socket));
  try {
    for (let step = await first; !step.done; step = await chunks.next()) yield step.value;
  } finally {
    await chunks.return?.();
    for (const [event, listener] of added) socket.off(event as 'data', listener);
  }
}
