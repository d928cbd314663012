import type { Socket } from 'node:net';

/** The options of `disconnect()`. */
export interface DisconnectOptions {
  /**
   * The time that the peer has, in milliseconds, to take what was written and to end its side. After it, the socket is
   * destroyed. 0 destroys the socket at once.
   * @default 2 000
   */
  grace?: number | undefined;
  /**
   * How long what is under way may take, in milliseconds, before the life is ended: until the promise of `onRetire` has resolved,
   * and the answers to the requests of a `Requests` have come. Without either, connman waits for all of this time.
   * @default 0
   */
  drain?: number | undefined;
  /** Why: the error of the last reset and of `onClose`, and the cause of what callers get that wait for the connection. */
  reason?: Error | undefined;
}

/**
 * The socket of a connection: a `net.Socket` of Node.js that is reconnected in place (over TLS, a new `TLSSocket` in each life).
 * `end()` and `destroy()` end one life; `disconnect()` ends the connection.
 */
export type ManagedSocket = Socket & {
  /** Disconnects the connection of this socket, as `connection.disconnect()` does. Resolves when the socket is closed; never rejects. */
  disconnect(options?: DisconnectOptions): Promise<void>;
};
