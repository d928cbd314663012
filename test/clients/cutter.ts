import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Drop } from './drops.js';

const host = '127.0.0.1';

interface Cut {
  left: number;
  readonly how: 'end' | 'reset';
}

/** Stands between a client and its server, and cuts what the server says, after so many bytes more. */
export class Cutter {
  readonly host = host;
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();
  #port = 0;
  #cut: Cut | undefined;
  #nextCut: Cut | undefined;

  private constructor(to: number) {
    this.#server = createServer({ noDelay: true }, (client) => this.#join(client, connect(to, host)));
  }

  static async start({ port }: { readonly port: number }): Promise<Cutter> {
    const cutter = new Cutter(port);
    await once(cutter.#server.listen(0, host), 'listening');
    const address = cutter.#server.address();
    if (typeof address === 'object' && address) cutter.#port = address.port;
    return cutter;
  }

  get port(): number {
    return this.#port;
  }

  /** Cuts at many places of an answer, with a FIN and with a RST. */
  drops(): Drop[] {
    const places = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 30, 40];
    return places.flatMap((left) => [
      () => (this.#cut = { left, how: 'end' }),
      () => (this.#cut = { left, how: 'reset' }),
    ]);
  }

  /** Drops, and cuts the first answer of the next life as well, in which a login has hardly begun. */
  dropsAtLogin(): Drop[] {
    return Array.from({ length: 8 }, (_, index) => () => {
      this.#nextCut = { left: index + 1, how: index % 2 === 0 ? 'end' : 'reset' };
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server.close(), 'close');
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(client: Socket, server: Socket): void {
    this.#cut ??= this.#nextCut;
    this.#nextCut = undefined;
    for (const socket of [client, server]) {
      this.#sockets.add(socket.on('error', () => {}));
      socket.once('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.pipe(server);
    server.on('data', (chunk) => this.#pass(chunk, client));
  }

  #pass(chunk: Buffer, client: Socket): void {
    const cut = this.#cut;
    if (!cut || cut.left > chunk.length) {
      client.write(chunk);
      if (cut) cut.left -= chunk.length;
      return;
    }
    this.#cut = undefined;
    client.write(chunk.subarray(0, cut.left), () => {
      if (cut.how === 'reset') client.resetAndDestroy();
      else client.destroySoon();
    });
  }
}
