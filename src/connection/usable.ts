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
 * Whether it is usable and has no unread input. On a socket without a reader, `read(0)` makes Node.js take in what comes next, so
 * that a later look sees it.
 */
export function looksClean(connection: Linked): boolean {
  if (!isUsable(connection)) return false;
  const { current: socket } = connection.link;
  if (socket.readableFlowing !== true) socket.read(0);
  return socket.readableLength === 0;
}
