import type { Socket } from 'node:net';

/**
 * What `connect()` does on a socket that connman keeps connected: never a dial. A library that was given the socket and
 * connects it hears `'connect'` on the next tick while the link is up. Otherwise its callback waits for `upEvent`, with which
 * the next life begins.
 */
export function answerConnect(
  socket: Socket,
  args: readonly unknown[],
  upEvent: 'connect' | 'secureConnect',
  isUp: () => boolean,
): void {
  // net.connect() hands over its arguments as one array.
  const given: readonly unknown[] = Array.isArray(args[0]) ? args[0] : args;
  const callback = given.find((argument) => typeof argument === 'function') as (() => void) | undefined;
  if (callback) socket.once(isUp() ? 'connect' : upEvent, callback);
  if (!isUp()) return;
  process.nextTick(() => {
    if (!isUp()) return;
    socket.emit('connect');
    socket.emit('ready');
  });
}
