import type { Socket } from 'node:net';
import { filledString, integerFrom } from '../primitives/checks.js';
import { ByteLog } from './byte-log.js';
import type { Data } from './wire.js';
import { resetSocket } from './reset-socket.js';
import { Waits } from './waits.js';

const offset = integerFrom(0, Number.MAX_SAFE_INTEGER);

/**
 * One connection, seen from the server: what came, and a hand on it. Its counters stay readable after it has closed.
 * What is done by hand happens in addition to the faults that play on it.
 */
export class ServerConnection {
  /** Its place in the order of acceptance, from 1. */
  readonly number: number;
  /** The socket of the server's side, for what has no verb here. */
  readonly socket: Socket;
  /** Resolves once both sides are closed, for whatever reason; never rejects. */
  readonly closed: Promise<void>;
  readonly #log: ByteLog;
  readonly #waits = new Waits();
  #received = 0;
  #ended = false;
  #paused = false;
  #error: NodeJS.ErrnoException | undefined;

  /** @internal */
  constructor(number: number, socket: Socket, keepBytes: number) {
    this.number = number;
    this.socket = socket;
    this.#log = new ByteLog(keepBytes);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.once('end', () => {
      this.#ended = true;
      this.#waits.end('the peer has sent a FIN');
    });
    socket.on('error', (error) => (this.#error ??= error));
    socket.once('close', () => this.#waits.end('the connection has closed'));
  }

  /** How many bytes the server has read. */
  get received(): number {
    return this.#received;
  }

  /** How many bytes the server has written; a peer that was reset may not have got them all. */
  get sent(): number {
    return this.socket.bytesWritten;
  }

  /** Whether the FIN of the peer has been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The first error of the socket: `ECONNRESET` after a RST of the peer. */
  get error(): NodeJS.ErrnoException | undefined {
    return this.#error;
  }

  /** Whether the connection is still there, be it half open. */
  get open(): boolean {
    return !this.socket.destroyed;
  }

  /** Whether {@link pause} holds. */
  get paused(): boolean {
    return this.#paused;
  }

  /** A copy of the bytes read, at most the first `keepBytes` (an option of the server) of them. */
  receivedBytes(): Buffer {
    return this.#log.copy(0, this.#received);
  }

  /**
   * Resolves with the first `bytes` bytes of the connection once they have been read (with fewer where `keepBytes` is
   * less). Rejects with a ClosedError if the peer sends a FIN or the connection closes before.
   */
  receive(bytes: number): Promise<Buffer> {
    offset('bytes', bytes);
    return this.#waits.wait(`connection ${this.number}, waiting for byte ${bytes}`, () =>
      this.#received >= bytes ? this.#log.copy(0, bytes) : undefined,
    );
  }

  /**
   * Resolves with the bytes from `from` (default 0) to the end of the first `text` at or after it, once that has been
   * read within the first `keepBytes` bytes. Rejects with a ClosedError if the peer sends a FIN or the connection
   * closes before.
   */
  until(text: string, from = 0): Promise<Buffer> {
    filledString('text', text);
    offset('from', from);
    return this.#waits.wait(`connection ${this.number}, waiting for ${JSON.stringify(text)}`, () => {
      const stop = this.#log.endOf(text, from);
      return stop === undefined ? undefined : this.#log.copy(from, stop);
    });
  }

  /** Sends data now. */
  write(data: Data): void {
    this.socket.write(data);
  }

  /** Sends a FIN after what was written, and reads on; doing it twice does nothing. */
  end(): void {
    this.socket.end();
  }

  /** Sends a RST at once; bytes that the kernel has not sent yet are lost. */
  reset(): void {
    resetSocket(this.socket);
  }

  /** Stops reading; Node.js still takes up to 64 KiB or so from the kernel. {@link stall} takes nothing from the start. */
  pause(): void {
    this.#paused = true;
    this.socket.pause();
  }

  /** Reads (on), also what a stalled connection has never read. */
  resume(): void {
    this.#paused = false;
    this.socket.resume();
  }

  #take(chunk: Buffer): void {
    this.#received += chunk.length;
    this.#log.append(chunk);
    this.#waits.check();
  }
}
