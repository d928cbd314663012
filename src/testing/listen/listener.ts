import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Endpoint } from '../../primitives/endpoint.js';
import { nextPoll } from './next-poll.js';
import { PathAddress } from './path-address.js';
import type { FileLeft, ListenAddress } from './listen-address.js';
import { PortAddress } from './port-address.js';

/** A port or a path that accepts or refuses, as told. What is asked is done in order. */
export class Listener {
  readonly #address: ListenAddress;
  readonly #onConnection: (socket: Socket) => void;
  /** One promise per listener that was closed: it ends after the last of its connections. */
  readonly #gone: Promise<unknown>[] = [];
  #listener: Server | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor({ host, port, path }: Endpoint, welcome: (socket: Socket) => void) {
    this.#address = path === undefined ? new PortAddress(host, port) : new PathAddress(path);
    this.#onConnection = welcome;
  }

  get endpoint(): Endpoint {
    return this.#address.endpoint;
  }

  /** Accepts from now on. Sockets come paused, and are half open after a FIN of the peer. */
  open(): Promise<void> {
    return this.#inOrder(async () => {
      if (this.#listener) return;
      const listener = createServer(
        { allowHalfOpen: true, pauseOnConnect: true, noDelay: true },
        this.#onConnection,
      );
      await this.#address.open(listener);
      this.#listener = listener;
    });
  }

  /** Refuses from now on, and keeps the place. */
  shut(left: FileLeft): Promise<void> {
    return this.#inOrder(() => {
      this.#stop();
      return this.#address.keep(left);
    });
  }

  /** Gives the place away; resolves once the last of its connections, which others have to close, is gone. */
  async close(): Promise<void> {
    await this.#inOrder(async () => {
      this.#stop();
      await this.#address.free();
      await Promise.all(this.#gone);
      // The 'close' event of a listener comes before its handle has gone.
      await nextPoll();
    });
  }

  #stop(): void {
    if (this.#listener) this.#gone.push(once(this.#listener.close(), 'close'));
    this.#listener = undefined;
  }

  #inOrder(step: () => Promise<void>): Promise<void> {
    const done = this.#last.then(step);
    this.#last = done.catch(() => {});
    return done;
  }
}
