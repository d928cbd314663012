import type { OnReadOpts, SocketConnectOpts, SocketConstructorOpts } from 'node:net';
import type { SocketOwner } from './socket-owner.js';
import { inPlace, InPlaceSocket } from './in-place-socket.js';
import type { DialProgress } from './link.js';
import type { ManagedSocket } from './managed-socket.js';
import { feedOnread } from './onread.js';
import { PreludeRun, type PreludeOutcome } from './prelude-run.js';
import type { Transport, TransportLink } from './transport.js';

type SocketOptions = SocketConstructorOpts & { readonly onread?: OnReadOpts | undefined };

/**
 * Dials with one socket that is connected again and again, and runs a prelude before each life. Until that is over, what the
 * socket reads goes to the prelude, and the listeners of the socket hear nothing of it.
 */
export class PreludeTransport implements Transport {
  /** The present dial, until it has led to a life. */
  #dial: DialProgress | undefined;
  #run: PreludeRun | undefined;
  #onread: OnReadOpts | undefined;

  /** Makes the socket, which is attached to the link. */
  make(options: SocketOptions, link: SocketOwner, readsForOwner: boolean): ManagedSocket {
    const { onread } = options;
    this.#onread = onread;
    if (!onread) return new PreludedSocket(options, link, readsForOwner, this);
    const callback: OnReadOpts['callback'] = (length, filled) => {
      if (!this.#run) return onread.callback(length, filled);
      return this.#run.take(Buffer.from((filled as Buffer).subarray(0, length)));
    };
    const diverted: SocketOptions = { ...options, onread: { ...onread, callback } };
    return new PreludedSocket(diverted, link, readsForOwner, this);
  }

  dial(
    link: TransportLink,
    socket: ManagedSocket | undefined,
    options: SocketConnectOpts,
    dial: DialProgress,
  ): void {
    this.#dial = dial;
    this.#run = undefined;
    inPlace.dial(link, socket, options, dial);
  }

  failed(socket: ManagedSocket): void {
    const run = this.#run;
    this.#dial = undefined;
    this.#run = undefined;
    run?.lost(socket.errored ?? new Error('the dial was given up'));
  }

  /** The prelude that is to have what the socket reads. */
  get run(): PreludeRun | undefined {
    return this.#run;
  }

  /** Whether the listeners of the socket do not hear that it is connected: the link is not up yet. */
  get hidesConnect(): boolean {
    return this.#dial !== undefined;
  }

  /** TCP or the Unix socket is up. */
  begin(socket: ManagedSocket, link: SocketOwner): void {
    const dial = this.#dial;
    link.opened(socket);
    if (!dial || socket.destroyed) return;
    dial.phase = 'prelude';
    this.#run = new PreludeRun(socket, (outcome) => {
      if (dial === this.#dial) this.#ended(socket, outcome);
    });
    this.#run.start((stream) => dial.runPrelude(stream));
  }

  #ended(socket: ManagedSocket, { error, rest }: PreludeOutcome): void {
    if (error) {
      socket.destroy(error);
      return;
    }
    this.#dial = undefined;
    this.#run = undefined;
    socket.emit('connect');
    socket.emit('ready');
    for (const chunk of rest) {
      if (socket.destroyed) return;
      if (this.#onread) feedOnread(socket, this.#onread, chunk);
      else socket.push(chunk);
    }
  }
}

/** The socket of a connection that has a prelude, and no TLS: the same object in every life. */
class PreludedSocket extends InPlaceSocket {
  readonly #transport: PreludeTransport;
  readonly #link: SocketOwner;

  constructor(
    options: SocketConstructorOpts,
    link: SocketOwner,
    readsForOwner: boolean,
    transport: PreludeTransport,
  ) {
    super(options, link, readsForOwner);
    this.#link = link;
    this.#transport = transport;
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    const { run } = this.#transport;
    return run ? run.take(chunk as Buffer | null) : super.push(chunk, encoding);
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if ((event === 'connect' || event === 'ready') && this.#transport.hidesConnect) {
      if (event === 'connect') this.#transport.begin(this, this.#link);
      return false;
    }
    return super.emit(event as 'data', ...(args as [Buffer]));
  }
}
