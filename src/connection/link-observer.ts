import { deliver, tellOfDrain, type HandlerOwner } from './handler/call-handler.js';
import type { Life } from './life/life.js';
import { writeRefused, type RefusingConnection } from './refused-writes.js';
import type { LinkClosed, LinkObserver } from './socket/link.js';
import type { DisconnectOptions } from './socket/managed-socket.js';

/** The connection, as far as its link has something to tell it. */
interface Linked extends HandlerOwner, RefusingConnection {
  readonly presentLife: Life | undefined;
  up(): void;
  socketClosed(closed: Readonly<LinkClosed>): void;
  referenced(): void;
  disconnect(options?: DisconnectOptions): Promise<void>;
}

/** What a link tells its connection. Shared by all connections: no closure for each of them. */
export const linkObserver: LinkObserver<Linked> = {
  connected: (connection) => connection.up(),
  data: deliver,
  hearsDrain: ({ handler }) => Boolean(handler.onDrain),
  drained: tellOfDrain,
  refused: writeRefused,
  halfClosed: ({ presentLife }) => presentLife?.halfClosed(),
  overflowed: ({ presentLife }) => presentLife?.overflowed(),
  closed: (connection, closed) => connection.socketClosed(closed),
  referenced: (connection) => connection.referenced(),
  disconnect: (connection, options) => connection.disconnect(options),
};
