import type { Socket } from 'node:net';

type Listeners = ReadonlyMap<string | symbol, readonly ((...args: unknown[]) => void)[]>;

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
  const added = listenersOf(socket);
  try {
    for (let step = await first; !step.done; step = await chunks.next()) yield step.value;
  } finally {
    await chunks.return?.();
    for (const [event, listeners] of added) {
      for (const listener of listeners)
        if (!before.get(event)?.includes(listener)) socket.off(event, listener);
    }
  }
}

function listenersOf(socket: Socket): Listeners {
  return new Map(socket.eventNames().map((event) => [event, socket.rawListeners(event as 'data') as never]));
}
