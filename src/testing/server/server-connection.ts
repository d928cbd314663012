import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { filledString, integerFrom } from '../../primitives/checks.js';
import { ByteLog } from './byte-log.js';
import type { Data } from './wire.js';
import { resetSocket } from './reset-socket.js';
import { Conditions } from './conditions.js';

const offset = integerFrom(0, Number.MAX_SAFE_INTEGER);

/** How far the TLS handshake of a connection is; `'none'` where it is plain. */
export type HandshakeState = 'none' | 'pending' | 'done' | 'failed';

/**
 * One connection, seen from the server: what came, and a hand on it. Its counters stay readable after it has closed.
 * What is done by hand happens in addition to the faults that play on it. Over TLS all of it is about the decrypted
 * bytes, once the handshake is done; before that, what is done by hand is done to the connection beneath.
 */
export class ServerConnection {
  /** Its place in the order of acceptance, from 1. */
  readonly number: number;
  /** Resolves once both sides are closed, for whatever reason; never rejects. */
  readonly closed: Promise<void>;
  readonly #raw: Socket;
  readonly #log: ByteLog;
  readonly #conditions = new Conditions();
  #unclosed = 0;
  #tls: TLSSocket | undefined;
  #handshake: HandshakeState = 'none';
  #received = 0;
  #ended = false;
  #paused = false;
  #error: NodeJS.ErrnoException | undefined;
  #settle: () => void = () => {};

  /** @internal */
  constructor(number: number, raw: Socket, keepBytes: number) {
    this.number = number;
    this.#raw = raw;
    this.#log = new ByteLog(keepBytes);
    this.closed = new Promise((resolve) => (this.#settle = resolve));
    // The bytes of a TLS connection are taken from beneath this socket: it gives none.
    this.#watch(raw);
  }

  /** The socket of the server's side, for what has no verb here. Over TLS the `TLSSocket`, once the handshake is over. */
  get socket(): Socket {
    return this.#tls ?? this.#raw;
  }

  /** The same where it is a `TLSSocket`, with `alpnProtocol`, `servername`, `authorized`, `getPeerCertificate()`. */
  get tls(): TLSSocket | undefined {
    return this.#tls;
  }

  /** How far the TLS handshake is. One that has failed says why in {@link error} and `tls.authorizationError`. */
  get handshake(): HandshakeState {
    return this.#handshake;
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

  /** The first error of the socket or the handshake: `ECONNRESET` after a RST of the peer. */
  get error(): NodeJS.ErrnoException | undefined {
    return this.#error;
  }

  /** Whether the connection is still there, be it half open. */
  get open(): boolean {
    return !this.#raw.destroyed;
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
    return this.#conditions.wait(`connection ${this.number}, waiting for byte ${bytes}`, () =>
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
    return this.#conditions.wait(`connection ${this.number}, waiting for ${JSON.stringify(text)}`, () => {
      const stop = this.#log.endOf(text, from);
      return stop === undefined ? undefined : this.#log.copy(from, stop);
    });
  }

  /** Sends data now. */
  write(data: Data): void {
    this.socket.write(data);
  }

  /** Sends a FIN after what was written, and reads on; doing it twice does nothing. In a TLS handshake, closes. */
  end(): void {
    if (this.#handshake === 'pending') this.destroy();
    else this.socket.end();
  }

  /**
   * Sends a RST at once, over TLS on the connection beneath; bytes that the kernel has not sent yet are lost. A Unix
   * socket knows no RST: it is closed, and its peer sees an end, or `ECONNRESET` if some of its bytes were not read.
   */
  reset(): void {
    resetSocket(this.socket, this.#raw);
  }

  /** Stops reading; Node.js still takes up to 64 KiB or so from the kernel. {@link stall} takes nothing from the start. */
  pause(): void {
    this.#paused = true;
    if (this.#handshake !== 'pending') this.socket.pause();
  }

  /** Reads (on), also what a stalled connection has never read. */
  resume(): void {
    this.#paused = false;
    if (this.#handshake !== 'pending') this.socket.resume();
  }

  /** @internal Closes it. */
  destroy(): void {
    if (this.#handshake === 'done') this.socket.destroy();
    else this.#raw.destroy();
  }

  /** @internal A TLS handshake begins. */
  shaking(): void {
    this.#handshake = 'pending';
  }

  /** @internal The TLS handshake is over. */
  shaken(tls: TLSSocket, error?: NodeJS.ErrnoException): void {
    this.#tls = tls;
    this.#handshake = error ? 'failed' : 'done';
    this.#error ??= error;
    if (error) this.#conditions.end(`the TLS handshake has failed: ${error.message}`);
    else this.#watch(tls);
    this.#checkClosed();
  }

  #watch(socket: Socket): void {
    this.#unclosed += 1;
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.length;
      this.#log.append(chunk);
      this.#conditions.check();
    });
    socket.once('end', () => {
      this.#ended = true;
      this.#conditions.end('the peer has sent a FIN');
    });
    socket.on('error', (error) => (this.#error ??= error));
    socket.once('close', () => {
      this.#unclosed -= 1;
      this.#checkClosed();
    });
  }

  #checkClosed(): void {
    if (this.#unclosed > 0 || this.#handshake === 'pending') return;
    this.#conditions.end('the connection has closed');
    this.#settle();
  }
}
