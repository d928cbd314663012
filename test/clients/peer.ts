import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Drop } from './drops.js';

/** A server in this process, whose connections can be dropped, and which can be started again on its port. */
export class Peer {
  readonly host = '127.0.0.1';
  readonly #sockets: Set<Socket> = new Set();
  readonly #server: Server = createServer({ noDelay: true }, (socket) => {
    this.#sockets.add(socket.on('error', () => {}));
    socket.once('close', () => this.#sockets.delete(socket));
  });
  #port = 0;

  /** `serve` makes the server speak its protocol. */
  private constructor(serve: (server: Server) => unknown) {
    serve(this.#server);
  }

  static async start(serve: (server: Server) => unknown): Promise<Peer> {
    const peer = new Peer(serve);
    await peer.#listen();
    return peer;
  }

  get port(): number {
    return this.#port;
  }

  /** How many connections there are. */
  get size(): number {
    return this.#sockets.size;
  }

  /** What it can do to a life: RST, FIN, and a restart, so many times each. */
  drops(times: number): Drop[] {
    const each = [() => this.reset(), () => this.end(), () => this.restart()];
    return Array.from({ length: times }, () => each).flat();
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  end(): void {
    for (const socket of this.#sockets) socket.end();
  }

  async restart(): Promise<void> {
    await this.#stop();
    await this.#listen();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop();
  }

  async #listen(): Promise<void> {
    await once(this.#server.listen(this.#port, this.host), 'listening');
    const address = this.#server.address();
    if (typeof address === 'object' && address) this.#port = address.port;
  }

  async #stop(): Promise<void> {
    const closed = once(this.#server.close(), 'close');
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
