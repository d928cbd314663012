import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { filledString, integerFrom } from '../../primitives/checks.js';
import type { AcceptedSocket, HandshakeState } from './accepted-socket.js';
import type { Inbox } from './inbox.js';
import type { Data } from './wire.js';

const offset = integerFrom(0, Number.MAX_SAFE_INTEGER);

/**
 * One connection, seen from the server, also when it is closed. A test can send, end, reset and pause by hand, beside the faults.
 *
 * Over TLS everything is about the decrypted bytes once the handshake is done. Until then, calls act on the socket
 * beneath.
 *
 * @example
 * ```ts
 * import { connect } from 'node:net';
 * import { silent, startFaultServer } from 'connman/testing';
 *
 * await using server = await startFaultServer({ script: () => silent() });
 * connect(server.port, server.host).end('ping\r\n');
 * const connection = await server.accept(1);
 * const request = await connection.until('\r\n');
 * if (request.toString() === 'ping\r\n') connection.write('pong\r\n');
 * connection.end();
 * ```
 */
export class ServerConnection {
  /** The position in the order of acceptance, from 1. */
  readonly number: number;
  readonly #accepted: AcceptedSocket;
  readonly #inbox: Inbox;
  #isPaused = false;

  /** @internal */
  constructor(number: number, accepted: AcceptedSocket, inbox: Inbox) {
    this.number = number;
    this.#accepted = accepted;
    this.#inbox = inbox;
  }

  /** Resolves once both sides are closed, for whatever reason; never rejects. */
  get closed(): Promise<void> {
    return this.#accepted.closed;
  }

  /**
   * The server's socket, for what this class has no method for. Over TLS it is the `TLSSocket` once the handshake is
   * over.
   */
  get socket(): Socket {
    return this.#accepted.current;
  }

  /**
   * The server's `TLSSocket` once the handshake is over, with `alpnProtocol`, `servername`, `authorized` and
   * `getPeerCertificate()`. `undefined` before that and for a plain connection.
   */
  get tls(): TLSSocket | undefined {
    return this.#accepted.tls;
  }

  /** The state of the TLS handshake. If it has failed, {@link error} and `tls.authorizationError` say why. */
  get handshake(): HandshakeState {
    return this.#accepted.handshake;
  }

  /** The number of bytes that the server has read. */
  get received(): number {
    return this.#inbox.length;
  }

  /** The number of bytes that the server has written. A peer that was reset may not have received all of them. */
  get sent(): number {
    return this.socket.bytesWritten;
  }

  /** True once the server has read the peer's FIN. */
  get ended(): boolean {
    return this.#accepted.hasEnded;
  }

  /** The first error of the socket or of the handshake, such as `ECONNRESET` after a RST of the peer. */
  get error(): NodeJS.ErrnoException | undefined {
    return this.#accepted.error;
  }

  /** True until the connection is closed; also while it is half open. */
  get open(): boolean {
    return this.#accepted.isOpen;
  }

  /** True between {@link pause} and {@link resume}. */
  get paused(): boolean {
    return this.#isPaused;
  }

  /** A copy of the bytes read, at most the first `keepBytes` (an option of the server) of them. */
  receivedBytes(): Buffer {
    return this.#inbox.copy(this.#inbox.length);
  }

  /**
   * Resolves with the first `bytes` bytes of the connection once the server has read them; with fewer if `keepBytes` is
   * less. Rejects with a ClosedError if the peer sends a FIN or the connection closes before. Throws an OptionError if
   * `bytes` is not a whole number.
   */
  receive(bytes: number): Promise<Buffer> {
    offset('bytes', bytes);
    return this.#inbox.receive(`connection ${this.number}, waiting for byte ${bytes}`, bytes);
  }

  /**
   * Resolves with the bytes from offset `from` (default: 0) to the end of the first `text` at or after it, once the server
   * has read it within the first `keepBytes` bytes. Rejects with a ClosedError if the peer sends a FIN or the connection
   * closes before. Throws an OptionError if `text` is empty or `from` is not a whole number.
   */
  until(text: string, from = 0): Promise<Buffer> {
    filledString('text', text);
    offset('from', from);
    const what = `connection ${this.number}, waiting for ${JSON.stringify(text)}`;
    return this.#inbox.until(what, text, from);
  }

  /** Sends data now. */
  write(data: Data): void {
    this.socket.write(data);
  }

  /**
   * Sends a FIN after the data written before, and continues to read. Further calls do nothing. During a TLS handshake
   * it closes the connection.
   */
  end(): void {
    if (this.handshake === 'pending') this.#accepted.destroy();
    else this.socket.end();
  }

  /**
   * Sends a RST, a poll after the last bytes; over TLS, on the socket beneath. Bytes that the kernel has not sent yet are lost. A Unix
   * socket has no RST: it is closed, and its peer sees an end, or `ECONNRESET` if the server had not read all of its bytes.
   */
  reset(): void {
    this.#accepted.reset();
  }

  /** Stops reading. Node.js still takes about 64 KiB from the kernel; the fault `stall()` takes nothing. */
  pause(): void {
    this.#isPaused = true;
    if (this.handshake !== 'pending') this.socket.pause();
  }

  /** Reads again, also on a connection that the fault `stall()` has never read from. */
  resume(): void {
    this.#isPaused = false;
    if (this.handshake !== 'pending') this.socket.resume();
  }
}
