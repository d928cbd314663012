import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Endpoint } from '../../primitives/endpoint.js';

/**
 * What a prelude talks over: a stream of its own over the link, which ends with the prelude. What it has read and not consumed,
 * or has put back with `unshift()`, belongs to what follows: the TLS handshake, or the handler.
 */
export interface PreludeSocket extends Duplex {
  /** As in Node.js. */
  readonly localAddress: string | undefined;
  /** As in Node.js. */
  readonly localPort: number | undefined;
  /** As in Node.js. */
  readonly remoteAddress: string | undefined;
  /** As in Node.js. */
  readonly remotePort: number | undefined;
}

/** What a prelude is told besides its socket. */
export interface PreludeContext {
  /** The endpoint that was dialled: for a prelude that leads on to a target, the proxy. */
  readonly endpoint: Endpoint;
  /** Aborts when the dial is given up: at `connectTimeout`, when the link is lost, or by `disconnect()`. */
  readonly signal: AbortSignal;
}

/**
 * What is said on a link before TLS, and before the handler has it: to a proxy, or to a server that begins in plain text. It
 * runs in each dial, within `connectTimeout`. The dial goes on when it returns or its promise resolves. What it throws or
 * rejects with is a failed dial of the phase `prelude`, and a `FatalError` closes the connection.
 *
 * `connman/prelude` has some.
 *
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import { connect, type Prelude } from 'connman';
 *
 * const startTls: Prelude = async (socket) => {
 *   socket.write('STARTTLS\n');
 *   const [answer] = await once(socket, 'data');
 *   if (String(answer) !== 'OK\n') throw new Error(`no TLS: ${answer}`);
 * };
 *
 * connect(7000, 'lines.example.com', { onConnect: () => {} }, { prelude: startTls, tls: true });
 * ```
 */
export interface Prelude {
  // A promise, or nothing.
  (socket: PreludeSocket, context: PreludeContext): unknown;
  /**
   * Where it leads, as `host:port`, if not to the endpoint itself. Then the endpoint has this `target` wherever it is shown, and
   * its failures count for that target only. Over TLS, the host of the target is verified.
   */
  readonly target?: string | undefined;
}

/** What Node's own methods do on a socket, past the guard. */
const node = Socket.prototype;

/** The stream of a prelude, over a socket that gives it all that it reads. */
export class PreludeStream extends Duplex implements PreludeSocket {
  readonly #socket: Socket;
  readonly #given: () => void;
  readonly #ended: (error?: Error) => void;
  #isOver = false;

  /** `flushed` is called after each write, `ended` when the prelude ends or destroys its socket, or a write fails. */
  constructor(socket: Socket, flushed: () => void, ended: (error?: Error) => void) {
    // It ends when the link does, not when the peer has ended its side: then the prelude may still say why it fails.
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#given = flushed;
    this.#ended = ended;
    // The dial reports it. Without a listener it would be thrown.
    this.on('error', () => undefined);
  }

  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }

  get localPort(): number | undefined {
    return this.#socket.localPort;
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#socket.remotePort;
  }

  /** The peer has sent this, or ended its side (`null`). Returns whether to read on. */
  receive(chunk: Buffer | null): boolean {
    // After `once(socket, 'data')` the stream flows without a listener: Node.js would discard what comes.
    if (this.readableFlowing && this.listenerCount('data') === 0) {
      (this as { readableFlowing: boolean | null }).readableFlowing = null;
    }
    return this.push(chunk);
  }

  /** The prelude is over: returns what it has not consumed. The stream emits nothing from now on. */
  finish(): Buffer[] {
    this.#isOver = true;
    const rest: Buffer[] = [];
    while (this.readableLength > 0) {
      const chunk = this.read() as Buffer | null;
      if (chunk === null) break;
      rest.push(chunk);
    }
    this.destroy();
    return rest;
  }

  /** The prelude is over, and has failed, or the link is lost. */
  fail(error: Error): void {
    this.#isOver = true;
    this.destroy(error);
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (this.#isOver && (event === 'data' || event === 'readable')) return false;
    return super.emit(event as 'data', ...(args as [unknown]));
  }

  /** Half a character, or bytes that are none, could not be given to what follows. */
  override setEncoding(): this {
    throw new Error(
      'setEncoding() is not for the socket of a prelude, which may read what belongs to others: decode each chunk',
    );
  }

  /** Leaving a loop over the chunks ends the loop, not the link. */
  override [Symbol.asyncIterator](): ReturnType<Duplex['iterator']> {
    return this.iterator({ destroyOnReturn: false });
  }

  override _read(size: number): void {
    if (!this.#isOver && !this.#socket.pending && !this.#socket.destroyed)
      node._read.call(this.#socket, size);
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    node._write.call(this.#socket, chunk, encoding, (error) => {
      done(error);
      if (!error) this.#given();
    });
  }

  override _final(done: () => void): void {
    done();
    if (!this.#isOver) this.#ended();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    done(error);
    if (!this.#isOver) this.#ended(error ?? undefined);
  }
}
