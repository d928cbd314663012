import type { Socket } from 'node:net';

/** How `disconnect()` ends a connection. */
export interface DisconnectOptions {
  /**
   * Milliseconds that the peer has to take what was written and to end its side, before the socket is destroyed;
   * 0 destroys it at once. Default 2 000.
   */
  grace?: number | undefined;
}

/** The real `net.Socket`, reconnected in place. `end()` and `destroy()` end one life; `disconnect()` ends them all. */
export type ManagedSocket = Socket & {
  /** Stops reconnecting, flushes, ends and closes the socket; resolves when it is closed. Never rejects. */
  disconnect(options?: DisconnectOptions): Promise<void>;
};
