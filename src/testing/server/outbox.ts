import type { Socket } from 'node:net';
import type { Data, Finish } from './wire.js';
import { nextPoll } from '../listen/next-poll.js';
import type { ServerConnection } from './server-connection.js';

/**
 * Sends in order, each write after the kernel has taken the one before, in slices if asked, and finishes after the
 * last one. What is left to send when somebody else ends the socket is dropped.
 */
export class Outbox {
  readonly #connection: ServerConnection;
  readonly #socket: Socket;
  readonly #slice: number;
  readonly #emptied: () => void;
  #queue = Buffer.alloc(0);
  #finish: Finish | undefined;
  #busy = false;

  /** `slice`: how many bytes per poll of the event loop, or Infinity. `emptied` is called whenever all is sent. */
  constructor(connection: ServerConnection, slice: number, emptied: () => void) {
    this.#connection = connection;
    this.#socket = connection.socket;
    this.#slice = slice;
    this.#emptied = emptied;
  }

  /** How many bytes wait here for their turn. */
  get pending(): number {
    return this.#queue.length;
  }

  send(data: Data): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data);
    this.#queue = this.#queue.length === 0 ? bytes : Buffer.concat([this.#queue, bytes]);
    this.#proceed();
  }

  /** The first call holds. */
  finish(how: Finish): void {
    this.#finish ??= how;
    this.#proceed();
  }

  #proceed(): void {
    if (this.#busy || this.#socket.destroyed) return;
    if (!this.#socket.writable) this.#queue = Buffer.alloc(0);
    const slice = this.#queue.subarray(0, this.#slice);
    this.#queue = this.#queue.subarray(slice.length);
    if (slice.length > 0) {
      void this.#write(slice);
      return;
    }
    this.#emptied();
    if (this.#finish === 'end') this.#socket.end();
    if (this.#finish === 'reset') void this.#reset();
  }

  /**
   * libuv reports bytes and a RST which it finds in one poll as bytes and a clean end. So the bytes, or the last ones of
   * a TLS handshake, get a poll of their own: that is certain for a peer in this process.
   */
  async #reset(): Promise<void> {
    this.#busy = true;
    if (this.#connection.tls || this.#socket.bytesWritten > 0) await nextPoll();
    this.#connection.reset();
  }

  async #write(slice: Buffer): Promise<void> {
    this.#busy = true;
    await new Promise<void>((resolve) => this.#socket.write(slice, () => resolve()));
    if (this.#slice !== Infinity) await nextPoll();
    this.#busy = false;
    this.#proceed();
  }
}
