import type { SocketOwner } from './socket-owner.js';
import type { Link } from './link.js';
import type { ManagedSocket } from './managed-socket.js';

/** The link, as its transport uses it. */
export interface TransportLink extends SocketOwner {
  /** The socket of the present dial or life, or of the last one. */
  readonly current: ManagedSocket;
  readonly isReferenced: boolean;
  /** Another socket is the present one, in the midst of a dial. */
  replaced(previous: ManagedSocket): void;
}

/** Where the sockets of a link come from. Each is attached to the link when it is made. */
export interface Transport {
  /** Makes the socket that there is before the first dial, where it is not made with the link. */
  prepare?(link: SocketOwner): void;
  /** Dials with the present socket of the link, or with a new one. */
  dial(link: TransportLink, present: ManagedSocket | undefined, ...to: Parameters<Link['dial']>): void;
  /** TCP or the Unix socket is up. */
  opened?(): void;
  /** A life has begun. */
  connected?(): void;
  /** The socket is closed and has not led to a life. */
  failed?(socket: ManagedSocket): void;
  /** The peer has issued a TLS session. */
  session?(socket: ManagedSocket, session: Buffer): void;
  /** `ref()` or `unref()` was called. */
  referenced?(isReferenced: boolean): void;
}
