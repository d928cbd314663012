import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Endpoint } from '../../primitives/endpoint.js';
import type { FileLeft, ListenAddress } from './listen-address.js';
import { nextPoll } from './next-poll.js';
import { PathAddress } from './path-address.js';
import { PortAddress } from './port-address.js';

/** Listens on one address or refuses dials there, many times in turn. Calls take effect in the order they are made. */
export class Listener {
  readonly #address: ListenAddress;
  readonly #onConnection: (socket: Socket) => void;
  /** One promise per server that was closed. It resolves after the last connection of that server has closed. */
  readonly #closed: Promise<unknown>[] = [];
  #server: Server | undefined;
  #lastStep: Promise<void> = Promise.resolve();

  constructor({ host, port, path }: Endpoint, onConnection: (socket: Socket) => void) {
    this.#address = path === undefined ? new PortAddress(host, port) : new PathAddress(path);
    this.#onConnection = onConnection;
  }

  get endpoint(): Endpoint {
    return this.#address.endpoint;
  }

  /** Accepts dials. A new socket is paused, and stays writable after the peer's FIN. */
  listen(): Promise<void> {
    return this.#inOrder(async () => {
      if (this.#server) return;
      const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true };
      const server = createServer(options, this.#onConnection);
      await this.#address.listen(server);
      this.#server = server;
    });
  }

  /** Refuses dials and reserves the address. */
  refuse(left: FileLeft): Promise<void> {
    return this.#inOrder(() => {
      this.#stopListening();
      return this.#address.reserve(left);
    });
  }

  /** Gives up the address. Resolves once all connections are closed; the caller has to close them. */
  close(): Promise<void> {
    return this.#inOrder(async () => {
      this.#stopListening();
      await this.#address.release();
      await Promise.all(this.#closed);
      // Node.js emits 'close' before it has freed the handle of the server.
      await nextPoll();
    });
  }

  #stopListening(): void {
    if (this.#server) this.#closed.push(once(this.#server.close(), 'close'));
    this.#server = undefined;
  }

  #inOrder(step: () => Promise<void>): Promise<void> {
    const done = this.#lastStep.then(step);
    this.#lastStep = done.catch(() => {});
    return done;
  }
}
