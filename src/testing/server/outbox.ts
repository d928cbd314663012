import type { Socket } from 'node:net';
import { nextPoll } from '../listen/index.js';
import type { ServerConnection } from './server-connection.js';
import type { Data, Finish } from './wire.js';

/**
 * Sends data in order and then finishes the connection. Each write starts after the kernel has taken the one before.
 * Data that is left when the socket is ended by another caller is dropped.
 */
export class Outbox {
  readonly #connection: ServerConnection;
  readonly #socket: Socket;
  readonly #slice: number;
  readonly #onEmpty: () => void;
  #queue = Buffer.alloc(0);
  #finish: Finish | undefined;
  #isBusy = false;

  /** Writes at most `slice` bytes per poll of the event loop; Infinity means no limit. Calls `onEmpty` whenever all is sent. */
  constructor(connection: ServerConnection, slice: number, onEmpty: () => void) {
    this.#connection = connection;
    this.#socket = connection.socket;
    this.#slice = slice;
    this.#onEmpty = onEmpty;
  }

  /** The number of bytes in the queue. */
  get pending(): number {
    return this.#queue.length;
  }

  send(data: Data): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data);
    this.#queue = this.#queue.length === 0 ? bytes : Buffer.concat([this.#queue, bytes]);
    this.#proceed();
  }

  /** Finishes once the queue is empty. The first call counts. */
  finish(how: Finish): void {
    this.#finish ??= how;
    this.#proceed();
  }

  #proceed(): void {
    if (this.#isBusy || this.#socket.destroyed) return;
    if (!this.#socket.writable) this.#queue = Buffer.alloc(0);
    const slice = this.#queue.subarray(0, this.#slice);
    this.#queue = this.#queue.subarray(slice.length);
    if (slice.length > 0) {
      void this.#write(slice);
      return;
    }
    this.#onEmpty();
    if (this.#finish) void this.#end(this.#finish);
  }

  /**
   * Over TLS, Node.js loses bytes that came with the last ones of the handshake when it sends a FIN before the next poll.
   */
  async #end(how: Finish): Promise<void> {
    this.#isBusy = true;
    if (this.#connection.tls) await nextPoll();
    this.#connection[how]();
    this.#isBusy = false;
  }

  async #write(slice: Buffer): Promise<void> {
    this.#isBusy = true;
    await new Promise<void>((resolve) => this.#socket.write(slice, () => resolve()));
    if (this.#slice !== Infinity) await nextPoll();
    this.#isBusy = false;
    this.#proceed();
  }
}
