import type { Socket } from 'node:net';
import type { Fault, ServerConnection } from '../../src/testing/index.js';
import type { Life } from './life.js';

/** What the server knows of one connection besides what it received. */
export class Accepted {
  readonly connection: ServerConnection;
  /** The port of the peer; not known of one that was gone already, nor over a Unix socket. */
  readonly port: number | undefined;
  readonly #isSecure: boolean;
  /** The socket beneath a TLS socket. */
  readonly #raw: Socket;
  readonly #sent: Buffer[] = [];

  /** `isSecure` where the peer speaks TLS, whether the server does or not. */
  constructor(connection: ServerConnection, isSecure: boolean) {
    this.connection = connection;
    this.port = connection.socket.remotePort;
    this.#isSecure = isSecure;
    this.#raw = connection.socket;
  }

  /** Whether it can have led to a life, and carried bytes of one: over TLS, after its handshake only. */
  get isUsable(): boolean {
    return !this.#isSecure || this.connection.handshake === 'done';
  }

  /** All that was written to it. */
  get sent(): Buffer {
    return Buffer.concat(this.#sent);
  }

  /** Whether it may be the other end of this life. */
  mayBelongTo(life: Life): boolean {
    return this.port === undefined || life.port === undefined || this.port === life.port;
  }

  /** The first of the faults of this connection: from its start on, over TLS after the handshake, keeps what is sent. */
  get keeping(): Fault {
    return {
      verb: 'keep',
      opening: () => {
        this.#keep(this.connection.socket);
        return '';
      },
    };
  }

  #keep(socket: Socket): void {
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = (data: string | Uint8Array, ...rest: unknown[]) => {
      this.#sent.push(Buffer.from(data as Uint8Array));
      return write(data, ...rest);
    };
  }

  /** Sends bytes that are no TLS in the midst of a link that is secure. */
  garble(bytes: Uint8Array): void {
    if (this.connection.handshake === 'done' && this.#raw.writable) this.#raw.write(bytes);
  }
}
