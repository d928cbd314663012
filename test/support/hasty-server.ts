import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Endpoint } from '../../src/index.js';
import { turns } from './repeat.js';

/** A server that echoes some turns later, or at another time, and forgets what it owes at once when the peer ends, as many servers do. */
export class HastyServer {
  /** How many chunks it has answered. */
  answered = 0;
  readonly #sockets: Set<Socket> = new Set();
  readonly #server = createServer((socket) => this.#welcome(socket));
  readonly #latency: number;

  /** `latency` is the time until an answer, in milliseconds; with 0, some turns. */
  constructor(latency = 0) {
    this.#latency = latency;
  }

  async start(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  get endpoint(): Endpoint & { readonly port: number } {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  /** How many connections it has. */
  get size(): number {
    return this.#sockets.size;
  }

  /** Stops listening, and drops every connection. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket);
    socket
      .setNoDelay()
      .on('error', () => undefined)
      .on('data', (chunk: Buffer) => void this.#pause().then(() => this.#answer(socket, chunk)))
      .on('end', () => socket.destroy())
      .on('close', () => this.#sockets.delete(socket));
  }

  #pause(): Promise<void> {
    const latency = this.#latency;
    return latency > 0 ? new Promise((resolve) => setTimeout(resolve, latency)) : turns(5);
  }

  #answer(socket: Socket, chunk: Buffer): void {
    if (!socket.writable) return;
    this.answered += 1;
    socket.write(chunk);
  }
}
