import type { DisconnectOptions, ManagedSocket } from './managed-socket.js';
import type { WriteGuard } from './write-guard.js';
import type { Writer } from './writer.js';

/** The link of a connection, as its socket sees it. */
export interface SocketOwner extends Writer {
  /** Takes the socket as its present one. */
  attach(socket: ManagedSocket): WriteGuard;
  /** TCP or the Unix socket is up. */
  opened(socket: ManagedSocket): void;
  /** A life begins. */
  connected(socket: ManagedSocket): void;
  /** The peer has issued a TLS session. */
  session(socket: ManagedSocket, session: Buffer): void;
  data(chunk: Buffer): void;
  /** Whether it wants to know of `'drain'`. */
  readonly hearsDrain: boolean;
  drained(): void;
  /** The peer has ended its side. */
  ended(socket: ManagedSocket): void;
  /** We have ended ours. */
  endedLocally(): void;
  /** It has emitted an error, and is still open. */
  failed(socket: ManagedSocket, error: Error): void;
  destroying(socket: ManagedSocket, error: Error | null): void;
  closed(socket: ManagedSocket): void;
  reference(isReferenced: boolean): void;
  disconnect(options?: DisconnectOptions): Promise<void>;
}
