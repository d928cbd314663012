import type { ConnectionState } from './life-cycle.js';
import type { Link } from './socket/link.js';

interface Linked {
  readonly state: ConnectionState;
  readonly link: Link;
}

/** Whether a connection is ready, its link whole and not about to go. */
export function isUsable({ state, link }: Linked): boolean {
  return state === 'ready' && link.takesWrites && !link.isHalfClosed;
}

/**
 * Whether it is usable and has no unread input. On a socket that has no reader, later input is taken in to be seen, instead of
 * waiting in the operating system.
 */
export function looksClean(connection: Linked): boolean {
  if (!isUsable(connection)) return false;
  const { current: socket } = connection.link;
  if (socket.readableFlowing !== true) socket.read(0);
  return socket.readableLength === 0;
}
