import type { Socket } from 'node:net';
import { addedListeners, listenersOf } from './listeners.js';

/**
 * Iterates over the chunks of one life as Node.js does, and removes its listeners. After an error, Node.js leaves them on the
 * socket, which it takes for dead: there would be more of them with each life.
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
