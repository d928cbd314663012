import { Socket, type SocketConnectOpts, type SocketConstructorOpts } from 'node:net';
import { milliseconds } from '../primitives/checks.js';
import { ClosedError, OptionError } from '../primitives/errors.js';
import { selfConnection } from './dial.js';
import type { DisconnectOptions } from './handler.js';
import { iterate } from './iterate.js';
import { discardInput, discardOutput } from './leftovers.js';

/** How a dial, and the life it may have led to, ended. */
export interface Loss {
  readonly error: Error | undefined;
  /** The side that ended first, if one did before the socket closed. */
  readonly endedBy: 'local' | 'remote' | undefined;
  readonly unsentBytes: number;
}

/** What a persistent socket tells its owner. One object serves all sockets; the owner comes with each call. */
export interface SocketObserver<Owner> {
  /** The link is up: told before any other listener of `'connect'` hears of it. */
  connected(owner: Owner): void;
  data(owner: Owner, chunk: Buffer): void;
  /** One side of the link has ended, the other not yet. */
  halfClosed(owner: Owner): void;
  /** The socket is closed: exactly once for each dial. */
  closed(owner: Owner, loss: Loss): void;
  /** `ref()` or `unref()` was called. */
  referenced(owner: Owner): void;
  disconnect(owner: Owner, options?: DisconnectOptions): Promise<void>;
}

type AnySocket = PersistentSocket<unknown>;
type Callback = (error?: Error | null) => void;
type Listener = (this: AnySocket, argument: never) => void;

const nodeWrite = Socket.prototype.write as (this: Socket, ...args: unknown[]) => boolean;

const nodeEnd = Socket.prototype.end as (this: Socket, ...args: unknown[]) => Socket;

/** How many listeners of `'end'` a socket has that nobody else added: Node's own and ours. */
const ownEndListeners = 2;

/**
 * A `net.Socket` that can be dialled again and again, and lets nothing cross from one life to the next. Node.js
 * supports connecting a socket again after `'close'`, but forgets to clean up in the ways that the overrides here
 * guard. Whether the link is up is this class's own knowledge: `closed`, `destroyed` and `connecting` change at other
 * moments.
 */
export class PersistentSocket<Owner> extends Socket {
  readonly #owner: Owner;
  readonly #observer: SocketObserver<Owner>;
  #isUp = false;
  #isReferenced = true;
  #isPipe = false;
  #isReadWanted = false;
  #isDrainOwed = false;
  #endedBy: 'local' | 'remote' | undefined;
  #error: Error | undefined;
  #lastWriteSize = 0;
  #unsentBytes = 0;
  #patchedWrite: Socket['write'] | undefined;

  /** With `readsForOwner`, the owner gets every chunk by a `'data'` listener. */
  constructor(
    options: SocketConstructorOpts,
    owner: Owner,
    observer: SocketObserver<Owner>,
    readsForOwner: boolean,
  ) {
    super(options);
    this.#owner = owner;
    this.#observer = observer;
    for (const name of ['connect', 'end', 'error', 'close'] as const) this.#listen(name);
    if (readsForOwner) this.#listen('data');
  }

  /** Whether a life is going on. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Whether the program wants this socket to keep it alive. */
  get isReferenced(): boolean {
    return this.#isReferenced;
  }

  /** Whether one side of the present life has ended. */
  get isHalfClosed(): boolean {
    return this.#endedBy !== undefined;
  }

  /** Begins one dial. Only to be called on a new socket, or after the previous dial's `closed`. */
  dial(options: SocketConnectOpts): void {
    this.#isPipe = 'path' in options;
    super.connect(options);
    if (this.destroyed) return;
    if (this.timeout) super.setTimeout(this.timeout);
    if (!this.#isReferenced) super.unref();
  }

  /** Reads on where nobody does, so that the end of the link is noticed. */
  readOn(): void {
    if (this.#isUp && this.readableFlowing === null) this.resume();
  }

  /** Tells writers which were refused, or held back in an earlier life, that they may go on. */
  announceDrain(): void {
    if (this.writableNeedDrain) {
      if (this.writableLength === 0) nodeWrite.call(this, '');
    } else if (this.#isDrainOwed) {
      process.nextTick(() => this.#isUp && this.emit('drain'));
    }
    this.#isDrainOwed = false;
  }

  /** Stops reconnecting, flushes, ends and closes the socket. */
  disconnect(options?: DisconnectOptions): Promise<void> {
    return this.#observer.disconnect(this.#owner, options);
  }

  /** Does nothing: connman dials. */
  override connect(..._arguments: unknown[]): this {
    return this;
  }

  override end(...args: unknown[]): this {
    if (!this.#isUp) {
      if (args.length > 0) this.#refuse(...args);
      return this;
    }
    nodeEnd.apply(this, args);
    this.#halfClosed('local');
    return this;
  }

  override destroySoon(): void {
    if (!this.#isUp) return;
    this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', destroyFinished);
  }

  /** Resets the link, or destroys the socket where Node.js could not: not up, already ended, a Unix socket. */
  override resetAndDestroy(): this {
    if (!this.#isUp || this.destroyed || this.writableEnded || this.#isPipe) return this.destroy();
    return super.resetAndDestroy();
  }

  /** Node.js ignores this on a destroyed socket, and forgets it at the end of a life. */
  override setTimeout(timeout: number, callback?: () => void): this {
    if (!this.destroyed) return super.setTimeout(timeout, callback);
    milliseconds('timeout', timeout);
    (this as { timeout?: number }).timeout = timeout;
    if (callback && timeout > 0) this.once('timeout', callback);
    else if (callback) this.removeListener('timeout', callback);
    return this;
  }

  /** The chunks of the present life: ends when the peer ends it, throws when it fails; leaving the loop destroys it. */
  override [Symbol.asyncIterator](): AsyncGenerator<unknown, void> {
    return iterate(this, super[Symbol.asyncIterator]());
  }

  override ref(): this {
    this.#isReferenced = true;
    this.removeListener('connectionAttempt', unrefAttempt);
    if (this.#hasHandle()) super.ref();
    this.#observer.referenced(this.#owner);
    return this;
  }

  override unref(): this {
    if (this.#isReferenced) this.on('connectionAttempt', unrefAttempt);
    this.#isReferenced = false;
    if (this.#hasHandle()) super.unref();
    this.#observer.referenced(this.#owner);
    return this;
  }

  // The listeners that keep the connection alive stay, whatever the program removes.
  override removeListener(event: string | symbol, listener: Callback | ((...args: never[]) => void)): this {
    if (Object.hasOwn(PersistentSocket.#listeners, event)) {
      if (PersistentSocket.#listeners[event as OwnEvent] === listener) return this;
    }
    return super.removeListener(event as string, listener as () => void);
  }

  override off(event: string | symbol, listener: Callback | ((...args: never[]) => void)): this {
    return this.removeListener(event, listener);
  }

  override removeAllListeners(event?: string | symbol): this {
    const own = (Object.keys(PersistentSocket.#listeners) as OwnEvent[]).filter((name) =>
      this.#listensTo(name),
    );
    if (event === undefined) super.removeAllListeners();
    else super.removeAllListeners(event as string);
    for (const name of own) if (!this.#listensTo(name)) this.#listen(name);
    return this;
  }

  // Node.js parks what is written, ended or read while connecting in a 'connect' listener that outlives a failed
  // dial and then acts on the next life. So none of it reaches Node.js while the link is down.

  override _write(chunk: string | Buffer, encoding: BufferEncoding, done: Callback): void {
    this.#lastWriteSize = chunk.length;
    if (this.#isUp) super._write(chunk, encoding, done);
    else done(linkDown());
  }

  override _writev(chunks: { chunk: string | Buffer; encoding: BufferEncoding }[], done: Callback): void {
    this.#lastWriteSize = 0;
    for (const { chunk } of chunks) this.#lastWriteSize += chunk.length;
    if (this.#isUp) super._writev?.(chunks, done);
    else done(linkDown());
  }

  override _final(done: Callback): void {
    if (this.#isUp) super._final(done);
    else done(linkDown());
  }

  override _read(size: number): void {
    if (this.#isUp) super._read(size);
    else this.#isReadWanted = true;
  }

  override _destroy(error: Error | null, done: Callback): void {
    this.#error = error ?? undefined;
    if (this.#isUp) {
      // A write that failed has already left writableLength.
      const failed = (error as NodeJS.ErrnoException | null)?.syscall === 'write' ? this.#lastWriteSize : 0;
      this.#unsentBytes = this.writableLength + failed;
    }
    super._destroy(error, done);
  }

  #connected(): void {
    const error = selfConnection(this);
    if (error) {
      this.destroy(error);
      return;
    }
    this.#isUp = true;
    if (!this.#isReferenced) super.unref();
    if (this.isPaused()) this.resume();
    if (this.#isReadWanted) super._read(this.readableHighWaterMark);
    if (this.listenerCount('readable') > 0) this.read(0);
    this.#observer.connected(this.#owner);
  }

  #ended(): void {
    // Nobody else would end our side of a half-open socket, and the life would last for ever.
    if (this.allowHalfOpen && this.listenerCount('end') <= ownEndListeners) super.end();
    this.#halfClosed('remote');
  }

  #halfClosed(side: 'local' | 'remote'): void {
    if (this.#endedBy !== undefined || this.destroyed) return;
    this.#endedBy = side;
    this.#observer.halfClosed(this.#owner);
  }

  #closed(): void {
    const loss: Loss = { error: this.#error, endedBy: this.#endedBy, unsentBytes: this.#unsentBytes };
    this.#isUp = false;
    this.#isReadWanted = false;
    this.#patchedWrite = undefined;
    this.#error = undefined;
    this.#endedBy = undefined;
    this.#unsentBytes = 0;
    this.removeListener('finish', destroyFinished);
    discardInput(this);
    discardOutput(this);
    this.#observer.closed(this.#owner, loss);
  }

  /** Refuses a write or end while the link is down: nothing is kept, no `'error'`, the callback hears of it. */
  #refuse(...args: unknown[]): false {
    const [chunk] = args;
    const callback = args.find((argument) => typeof argument === 'function') as Callback | undefined;
    if (
      typeof chunk !== 'string' &&
      !ArrayBuffer.isView(chunk) &&
      chunk !== callback &&
      chunk !== undefined
    ) {
      throw new OptionError('chunk', 'a string, Buffer, TypedArray or DataView', chunk);
    }
    this.#isDrainOwed = true;
    if (callback) process.nextTick(callback, linkDown());
    return false;
  }

  /** Node.js sets a write of its own when the peer has ended, which refuses; the writer may go on in the next life. */
  #notingRefusal(write: Socket['write']): Socket['write'] {
    return ((...args: unknown[]) => {
      this.#isDrainOwed = true;
      return Reflect.apply(write, this, args) as boolean;
    }) as Socket['write'];
  }

  #hasHandle(): boolean {
    return (this.#isUp || this.connecting) && !this.destroyed;
  }

  #listen(name: OwnEvent): void {
    this.on(name, PersistentSocket.#listeners[name] as () => void);
  }

  #listensTo(name: OwnEvent): boolean {
    return this.listeners(name).includes(PersistentSocket.#listeners[name] as () => void);
  }

  static readonly #listeners: Readonly<Record<OwnEvent, Listener>> = {
    connect() {
      this.#connected();
    },
    data(chunk: Buffer) {
      if (this.#isUp) this.#observer.data(this.#owner, chunk);
    },
    end() {
      this.#ended();
    },
    error() {
      // Reported when the socket closes; without a listener it would be thrown.
    },
    close() {
      this.#closed();
    },
  };

  // An accessor, not a method: connect() assigns Node's own write to every socket whose write is another.
  static {
    const guardedWrite = function (
      this: AnySocket,
      chunk: unknown,
      encoding?: unknown,
      callback?: unknown,
    ): boolean {
      return this.#isUp
        ? nodeWrite.call(this, chunk, encoding, callback)
        : this.#refuse(chunk, encoding, callback);
    };
    Object.defineProperty(this.prototype, 'write', {
      configurable: true,
      get(this: AnySocket) {
        return this.#patchedWrite ?? guardedWrite;
      },
      set(this: AnySocket, write: Socket['write']) {
        if (write === nodeWrite || write === guardedWrite) this.#patchedWrite = undefined;
        else this.#patchedWrite = this.readableEnded ? this.#notingRefusal(write) : write;
      },
    });
  }
}

type OwnEvent = 'connect' | 'data' | 'end' | 'error' | 'close';

function linkDown(): ClosedError {
  return new ClosedError('write while the link is down: nothing was sent');
}

function destroyFinished(this: Socket): void {
  this.destroy();
}

function unrefAttempt(this: Socket): void {
  Socket.prototype.unref.call(this);
}
