import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { nextPoll } from './next-poll.js';
import { keepPort, portOf, type Release } from './port-keeper.js';

/** A port that accepts or refuses, as told, and never becomes another one. What is asked is done in order. */
export class Door {
  readonly #host: string;
  readonly #welcome: (socket: Socket) => void;
  /** One promise per listener that was closed: it ends after the last of its connections. */
  readonly #gone: Promise<unknown>[] = [];
  #port: number;
  #listener: Server | undefined;
  #release: Release | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(host: string, port: number, welcome: (socket: Socket) => void) {
    this.#host = host;
    this.#port = port;
    this.#welcome = welcome;
  }

  get port(): number {
    return this.#port;
  }

  /** Accepts from now on. Sockets come paused, and are half open after a FIN of the peer. */
  open(): Promise<void> {
    return this.#inOrder(async () => {
      if (this.#listener) return;
      const released = this.#letGo();
      const listener = createServer(
        { allowHalfOpen: true, pauseOnConnect: true, noDelay: true },
        this.#welcome,
      );
      await once(listener.listen(this.#port, this.#host), 'listening');
      this.#port = portOf(listener);
      this.#listener = listener;
      await released;
    });
  }

  /** Refuses from now on, and keeps the port. */
  shut(): Promise<void> {
    return this.#inOrder(async () => {
      const address = this.#stop();
      if (address !== undefined) this.#release = await keepPort(address, this.#port);
    });
  }

  /** Gives the port away; resolves once the last of its connections, which others have to close, is gone. */
  async close(): Promise<void> {
    await this.#inOrder(async () => {
      this.#stop();
      await this.#letGo();
      await Promise.all(this.#gone);
      // The 'close' event of a listener comes before its handle has gone.
      await nextPoll();
    });
  }

  #stop(): string | undefined {
    const address = this.#listener?.address();
    if (this.#listener) this.#gone.push(once(this.#listener.close(), 'close'));
    this.#listener = undefined;
    return typeof address === 'object' ? address?.address : undefined;
  }

  async #letGo(): Promise<void> {
    await this.#release?.();
    this.#release = undefined;
  }

  #inOrder(step: () => Promise<void>): Promise<void> {
    const done = this.#last.then(step);
    this.#last = done.catch(() => {});
    return done;
  }
}
