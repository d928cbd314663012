import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { answerConnect } from '../socket/answer-connect.js';
import { selfConnection } from '../dial.js';
import type { DisconnectOptions, ManagedSocket } from '../handler.js';
import { discardInput } from '../socket/cleanup.js';
import type { LinkSettings, LinkClosed } from '../socket/link.js';
import { checkChunk, hasChunk, refuse } from '../socket/refusal.js';
import { ownOptions } from '../../primitives/own-options.js';

type Callback = (error?: Error | null) => void;
type Chunks = { chunk: string | Buffer; encoding: BufferEncoding }[];

/** What a TLS life is made with, beside what all links are. */
export interface TlsLifeSettings extends LinkSettings {
  /** Whether the owner gets every chunk. */
  readonly readsForOwner: boolean;
}

/** What the socket of one TLS dial tells, and asks. */
export interface TlsLifeObserver {
  /** The port dialled. */
  readonly port: number | undefined;
  isReferenced(): boolean;
  /** TCP is up, the TLS handshake begins. */
  securing(): void;
  connected(): void;
  /** A session that may be resumed, of a peer that has been verified. */
  session(session: Buffer): void;
  data(chunk: Buffer): void;
  halfClosed(): void;
  overflowed(): void;
  /** `wasUp` tells whether the dial led to a life. */
  closed(loss: LinkClosed, wasUp: boolean): void;
  reference(isReferenced: boolean): void;
  disconnect(options?: DisconnectOptions): Promise<void>;
}

/** What a program calls that takes away everybody's listeners; named here since we only pass it on. */
const removeAll = 'removeAllListeners';

const node = TLSSocket.prototype as unknown as Record<string, (this: Socket, ...args: unknown[]) => never>;

/**
 * One dial over TLS and the life it leads to. Its socket is made by `tls.connect()`, which alone verifies the peer and takes
 * no class of ours: so what connman changes about it are properties of its own.
 */
export class TlsLife {
  readonly socket: ManagedSocket;
  readonly #settings: TlsLifeSettings;
  readonly #observer: TlsLifeObserver;
  #isUp = false;
  #wasUp = false;
  #takesWrites = false;
  #isEnding = false;
  #isDrainOwed = false;
  #lastWriteSize = 0;
  #patchedWrite: Socket['write'] | undefined;
  #endedBy: 'local' | 'remote' | undefined;
  #error: Error | undefined;
  #unsentBytes = 0;

  constructor(socket: TLSSocket, settings: TlsLifeSettings, observer: TlsLifeObserver) {
    this.#settings = settings;
    this.#observer = observer;
    this.#error = socket.errored ?? undefined;
    this.socket = Object.defineProperties(socket, this.#overrides(socket)) as ManagedSocket & TLSSocket;
    // Node.js asks OpenSSL for sessions once somebody listens.
    this.socket.on('session', takenWhereEmitted);
    if (settings.readsForOwner) this.#readForOwner();
  }

  get endedBy(): 'local' | 'remote' | undefined {
    return this.#endedBy;
  }

  get takesWrites(): boolean {
    return this.#takesWrites;
  }

  readOn(): void {
    if (this.#isUp && this.socket.readableFlowing === null) this.socket.resume();
  }

  /** It is to end: takes no more writes. */
  refuseWrites(): void {
    this.#takesWrites = false;
    this.#isEnding = true;
  }

  /** Tells writers which were refused before the life was ready that they may go on. */
  announceDrain(): void {
    if (this.#isDrainOwed) process.nextTick(() => this.#isUp && this.socket.emit('drain'));
    this.#isDrainOwed = false;
  }

  #readForOwner(): void {
    // Makes the chunks flow.
    this.socket.on('data', takenWhereEmitted);
  }

  /** Sees every event before those who listen, whatever listeners anybody removes. */
  #emit(event: string | symbol, args: unknown[]): boolean {
    const { socket } = this;
    if (event === 'data') this.#received(args[0] as Buffer);
    else if (event === 'secureConnect') this.#secured();
    else if (event === 'connect' && !this.#isUp) this.#connected();
    else if (event === 'connectionAttempt') this.#unrefIfWanted();
    else if (event === 'end') this.#ended();
    else if (event === 'session') this.#keepSession(args[0] as Buffer);
    else if (event === 'close') this.#closed();
    else if (event === 'error' && socket.listenerCount('error') === 0) return false;
    return node['emit']?.call(socket, event, ...args) ?? false;
  }

  #received(chunk: Buffer): void {
    if (this.#isUp && this.#settings.readsForOwner) this.#observer.data(chunk);
  }

  #connected(): void {
    this.#observer.securing();
    this.#unrefIfWanted();
    const error = selfConnection(this.socket, this.#observer.port);
    if (error) this.socket.destroy(error);
  }

  #secured(): void {
    if (this.#isUp || this.socket.destroyed) return;
    this.#isUp = true;
    this.#wasUp = true;
    this.#takesWrites = true;
    this.#unrefIfWanted();
    this.#observer.connected();
  }

  #keepSession(session: Buffer): void {
    if ((this.socket as unknown as TLSSocket).authorized) this.#observer.session(session);
  }

  #ended(): void {
    if (!this.socket.allowHalfOpen) this.#takesWrites = false;
    else if (this.socket.listenerCount('end') <= nodeEndListeners) node['end']?.call(this.socket);
    this.#halfClosed('remote');
  }

  #halfClosed(side: 'local' | 'remote'): void {
    if (!this.#isUp || this.#endedBy !== undefined || this.socket.destroyed) return;
    this.#endedBy = side;
    this.#observer.halfClosed();
  }

  #closed(): void {
    this.#isUp = false;
    discardInput(this.socket);
    const loss = { error: this.#error, endedBy: this.#endedBy, unsentBytes: this.#unsentBytes };
    this.#observer.closed(loss, this.#wasUp);
  }

  #unrefIfWanted(): void {
    if (!this.#observer.isReferenced()) node['unref']?.call(this.socket);
  }

  #countBuffered(): void {
    if (this.socket.writableLength > this.#settings.maxBuffered) this.#observer.overflowed();
  }

  #write(args: unknown[]): boolean {
    if (!this.#takesWrites) {
      checkChunk(args[0]);
      this.#isDrainOwed = true;
      return refuse(args);
    }
    const goOn: boolean = Socket.prototype.write.apply(this.socket, args as never);
    this.#countBuffered();
    return goOn;
  }

  #end(args: unknown[]): void {
    const { socket } = this;
    const isEnding = this.#isEnding || socket.writableEnded;
    if (!this.#isUp || socket.destroyed || (isEnding && hasChunk(args))) {
      if (hasChunk(args)) checkChunk(args[0]);
      refuse(args);
      return;
    }
    node['end']?.apply(socket, args);
    this.#takesWrites = false;
    this.#countBuffered();
    this.#halfClosed('local');
  }

  #destroy(error: (Error & { syscall?: string }) | null): void {
    this.#takesWrites = false;
    this.#error ??= error ?? undefined;
    if (!this.#isUp) return;
    // A write that failed has already left writableLength.
    this.#unsentBytes = this.socket.writableLength + (error?.syscall === 'write' ? this.#lastWriteSize : 0);
  }

  /** What the socket has of its own: all of it out of sight, as methods of a class are. */
  #overrides(socket: TLSSocket): PropertyDescriptorMap {
    const methods: Record<string, (...args: never[]) => unknown> = {
      emit: (event: string | symbol, ...args: unknown[]) => this.#emit(event, args),
      connect: (...args: unknown[]) => {
        answerConnect(socket, args, () => this.#isUp && !socket.destroyed);
        return socket;
      },
      disconnect: (options?: DisconnectOptions) => this.#observer.disconnect(options),
      end: (...args: unknown[]) => {
        this.#end(args);
        return socket;
      },
      resetAndDestroy: () => socket.destroy(),
      removeAllListeners: (...args: unknown[]) => {
        node[removeAll]?.apply(socket, args);
        if (this.#settings.readsForOwner && !socket.listeners('data').includes(takenWhereEmitted))
          this.#readForOwner();
        return socket;
      },
      ref: () => this.#reference('ref'),
      unref: () => this.#reference('unref'),
      _write: (chunk: string | Buffer, encoding: BufferEncoding, done: Callback) => {
        this.#lastWriteSize = chunk.length;
        node['_write']?.call(socket, chunk, encoding, done);
      },
      _writev: (chunks: Chunks, done: Callback) => {
        this.#lastWriteSize = chunks.reduce((sum, { chunk }) => sum + chunk.length, 0);
        node['_writev']?.call(socket, chunks, done);
      },
      _destroy: (error: Error | null, done: Callback) => {
        this.#destroy(error);
        node['_destroy']?.call(socket, error, done);
      },
    };
    const own = Object.entries(methods).map(([name, value]) => [
      name,
      ownOptions({}, { value, writable: true, configurable: true }),
    ]);
    return { ...Object.fromEntries(own), write: this.#writeAccessor(socket) };
  }

  #writeAccessor(socket: TLSSocket): PropertyDescriptor {
    const guardedWrite = (...args: unknown[]): boolean => this.#write(args);
    return ownOptions(
      {},
      {
        configurable: true,
        get: () => this.#patchedWrite ?? guardedWrite,
        set: (write: Socket['write']) => {
          // When the peer has ended, Node.js sets a write of its own, which destroys the socket and what it has yet to send.
          if (socket.readableEnded && !socket.allowHalfOpen) this.#takesWrites = false;
          else this.#patchedWrite = write === guardedWrite ? undefined : write;
        },
      },
    );
  }

  #reference(how: 'ref' | 'unref'): ManagedSocket {
    node[how]?.call(this.socket);
    this.#observer.reference(how === 'ref');
    return this.socket;
  }
}

/** How many listeners of `'end'` Node.js has on a TLS socket that is up. */
const nodeEndListeners = 1;

function takenWhereEmitted(): void {}
