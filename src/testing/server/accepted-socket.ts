import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Deferred } from '../../primitives/deferred.js';
import { nextPoll } from '../listen/index.js';
import type { Inbox } from './inbox.js';
import { resetSocket } from './reset-socket.js';

/** The state of the TLS handshake of a connection; `'none'` if the connection is plain. */
export type HandshakeState = 'none' | 'pending' | 'done' | 'failed';

/** The socket of an accepted connection and, over TLS, the `TLSSocket` on top of it. Fills the inbox. */
export class AcceptedSocket {
  readonly #raw: Socket;
  readonly #inbox: Inbox;
  readonly #closed = new Deferred();
  #openSockets = 0;
  #tls: TLSSocket | undefined;
  #handshake: HandshakeState = 'none';
  #hasEnded = false;
  #error: NodeJS.ErrnoException | undefined;

  constructor(raw: Socket, inbox: Inbox) {
    this.#raw = raw;
    this.#inbox = inbox;
    // With TLS this socket emits no 'data': the TLSSocket takes the bytes from its handle.
    this.#watch(raw);
  }

  /** Resolves once both sides of the connection are closed. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** The `TLSSocket` once its handshake is over, else the socket beneath. */
  get current(): Socket {
    return this.#tls ?? this.#raw;
  }

  get tls(): TLSSocket | undefined {
    return this.#tls;
  }

  get handshake(): HandshakeState {
    return this.#handshake;
  }

  /** True once the peer's FIN has been read. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** True until both sides are closed. */
  get isOpen(): boolean {
    return !this.#raw.destroyed;
  }

  /** The first error of a socket or of the handshake. */
  get error(): NodeJS.ErrnoException | undefined {
    return this.#error;
  }

  beginHandshake(): void {
    this.#handshake = 'pending';
  }

  finishHandshake(tls: TLSSocket, error?: NodeJS.ErrnoException): void {
    this.#tls = tls;
    this.#handshake = error ? 'failed' : 'done';
    this.#error ??= error;
    if (error) this.#inbox.end(`the TLS handshake has failed: ${error.message}`);
    else this.#watch(tls);
    this.#checkClosed();
  }

  /**
   * libuv reports bytes and a RST that it finds in one poll as bytes and a clean end. So what was written gets a poll of its own, and
   * nothing follows it. A peer in this process then always reads it before the RST.
   */
  reset(): void {
    const { current } = this;
    const reset = (): void => resetSocket(current, this.#raw);
    if (!this.#raw.localPort || !current.bytesWritten || this.#handshake === 'pending') return reset();
    current.pause().cork();
    void nextPoll().then(reset);
  }

  destroy(): void {
    if (this.#handshake === 'done') this.current.destroy();
    else this.#raw.destroy();
  }

  #watch(socket: Socket): void {
    this.#openSockets += 1;
    socket.on('data', (chunk: Buffer) => this.#inbox.append(chunk));
    socket.once('end', () => {
      this.#hasEnded = true;
      this.#inbox.end('the peer has sent a FIN');
    });
    socket.on('error', (error) => (this.#error ??= error));
    socket.once('close', () => {
      this.#openSockets -= 1;
      this.#checkClosed();
    });
  }

  #checkClosed(): void {
    if (this.#openSockets > 0 || this.#handshake === 'pending') return;
    this.#inbox.end('the connection has closed');
    this.#closed.resolve();
  }
}
