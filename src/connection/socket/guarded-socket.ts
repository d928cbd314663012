import { Socket } from 'node:net';
import { milliseconds } from '../../primitives/checks.js';
import { once } from '../../primitives/once.js';
import { answerConnect } from './answer-connect.js';
import { iterate } from './iterate.js';
import type { DisconnectOptions, ManagedSocket } from './managed-socket.js';
import type { SocketOwner } from './socket-owner.js';
import type { WriteGuard } from './write-guard.js';

type Callback = (error?: Error | null) => void;
type Chunks = { chunk: string | Buffer; encoding: BufferEncoding }[];
type AnyListener = (...args: never[]) => void;

/** A guarded class: `source` goes to Node's class. With `readsForOwner`, the owner gets each chunk. */
export type GuardedSocketClass<Source> = new (
  source: Source,
  owner: SocketOwner,
  readsForOwner: boolean,
) => ManagedSocket;

type OwnEvent = 'data' | 'drain' | (typeof plainEvents)[number] | (typeof secureEvents)[number];

/** The events that connman listens to on each socket, and those that it adds over TLS. */
const plainEvents = ['connect', 'end', 'error', 'close'] as const;
const secureEvents = ['secureConnect', 'session'] as const;

/** Node's own listener of `'end'`, which ours replaces and calls: for two of them, each socket would keep an array. */
const nodeEndListeners = once(() => new Socket().listeners('end') as ((this: Socket) => void)[]);

/**
 * Makes a guarded class from one of Node's: the same overrides for `Socket` and for an adopted `TLSSocket`, so that both
 * answer alike. A life begins with `upEvent`.
 *
 * The only member that an application can reach beyond Node's own is `disconnect()`.
 */
export function guarded<Source>(
  NodeSocket: new (source: Source) => Socket,
  upEvent: 'connect' | 'secureConnect',
): GuardedSocketClass<Source> {
  const isSecure = upEvent === 'secureConnect';
  const lasting = isSecure ? [...plainEvents, ...secureEvents] : plainEvents;

  class GuardedSocket extends NodeSocket {
    readonly #owner: SocketOwner;
    readonly #guard: WriteGuard;

    constructor(source: Source, owner: SocketOwner, readsForOwner: boolean) {
      super(source);
      // A socket that is adopted. Not before it has its private fields, or V8 gives it a hidden class of its own.
      if (isSecure) Object.setPrototypeOf(this, new.target.prototype as object);
      this.#owner = owner;
      this.#guard = owner.attach(this);
      for (const listener of nodeEndListeners()) super.removeListener('end', listener);
      for (const name of lasting) GuardedSocket.#listen(this, name);
      if (owner.hearsDrain) GuardedSocket.#listen(this, 'drain');
      if (!readsForOwner) return;
      // It flows before there is anything to read: so Node.js has no need to make it flow, a tick later.
      (this as { readableFlowing: boolean | null }).readableFlowing = true;
      GuardedSocket.#listen(this, 'data');
    }

    disconnect(options?: DisconnectOptions): Promise<void> {
      return this.#owner.disconnect(options);
    }

    /** Answers a library that connects the socket it was given, and never dials: connman does. */
    override connect(...args: unknown[]): this {
      answerConnect(this, args, upEvent, () => this.#guard.isUp && !this.destroyed);
      return this;
    }

    /** What the guard has corked leaves first: for the application, it has been written already. */
    override destroy(error?: Error): this {
      this.#guard.release(this);
      return super.destroy(error);
    }

    override cork(): void {
      this.#guard.release(this);
      super.cork();
    }

    override uncork(): void {
      if (this.#guard.isCorking) this.#guard.release(this);
      else super.uncork();
    }

    override end(...args: unknown[]): this {
      if (this.#guard.end(this, this.#owner, args)) this.#owner.endedLocally();
      return this;
    }

    override destroySoon(): void {
      this.#guard.destroySoon(this);
    }

    /** Resets the link, or destroys the socket where Node.js cannot reset: a TLS or Unix socket, not up, already ended. */
    override resetAndDestroy(): this {
      if (!this.#guard.isUp || this.destroyed || this.writableEnded) return this.destroy();
      try {
        return super.resetAndDestroy();
      } catch {
        return this.destroy();
      }
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

    override ref(): this {
      this.#owner.reference(true);
      return this;
    }

    override unref(): this {
      this.#owner.reference(false);
      return this;
    }

    /** The chunks of the present life: ends when the peer ends it, throws when it fails; leaving the loop destroys it. */
    override [Symbol.asyncIterator](): AsyncGenerator<unknown, void> {
      return iterate(this, super[Symbol.asyncIterator]());
    }

    // Our own listeners keep the connection alive. The application cannot remove them.
    override removeListener(event: string | symbol, listener: AnyListener): this {
      const own = GuardedSocket.#listeners;
      if (Object.hasOwn(own, event) && own[event as OwnEvent] === listener) return this;
      return super.removeListener(event as string, listener as () => void);
    }

    override off(event: string | symbol, listener: AnyListener): this {
      return this.removeListener(event, listener);
    }

    override removeAllListeners(event?: string | symbol): this {
      const kept = (['data', 'drain', ...lasting] as const).filter((name) =>
        GuardedSocket.#listensTo(this, name),
      );
      if (event === undefined) super.removeAllListeners();
      else super.removeAllListeners(event as string);
      for (const name of kept) if (!GuardedSocket.#listensTo(this, name)) GuardedSocket.#listen(this, name);
      return this;
    }

    // Node.js parks what is written, ended or read while it connects in a 'connect' listener that outlives a failed dial and
    // then acts on the next life. So none of it reaches Node.js while the link is down.

    override _write(chunk: string | Buffer, encoding: BufferEncoding, done: Callback): void {
      if (this.#guard.admits(this, chunk.length, done)) super._write(chunk, encoding, done);
    }

    override _writev(chunks: Chunks, done: Callback): void {
      if (this.#guard.admitsAll(this, chunks, done)) super._writev?.(chunks, done);
    }

    override _final(done: Callback): void {
      if (this.#guard.admits(this, 0, done)) super._final(done);
    }

    override _destroy(error: Error | null, done: Callback): void {
      this.#owner.destroying(this, error);
      super._destroy(error, done);
    }

    // Over TLS, the handshake is read before the link is up.
    override _read(size: number): void {
      if (isSecure || this.#guard.isUp) super._read(size);
      else this.#guard.oweRead();
    }

    // Static, since a private method takes a field of each socket.
    static #listen(socket: GuardedSocket, name: OwnEvent): void {
      socket.on(name, GuardedSocket.#listeners[name] as () => void);
    }

    static #listensTo(socket: GuardedSocket, name: OwnEvent): boolean {
      return socket.listeners(name).includes(GuardedSocket.#listeners[name] as () => void);
    }

    // An accessor, not a method: connect() assigns Node's own write to every socket whose write is another.
    static {
      const write = function (this: GuardedSocket, chunk: unknown, encoding?: unknown, callback?: unknown) {
        return this.#guard.write(this, this.#owner, chunk, encoding, callback);
      } as Socket['write'];
      // The application does not see the guard's own cork.
      Object.defineProperty(this.prototype, 'writableCorked', {
        configurable: true,
        get(this: GuardedSocket): number {
          return this.#guard.isCorking
            ? 0
            : (Reflect.get(NodeSocket.prototype, 'writableCorked', this) as number);
        },
      });
      Object.defineProperty(this.prototype, 'write', {
        configurable: true,
        get(this: GuardedSocket) {
          return this.#guard.patchedWrite ?? write;
        },
        set(this: GuardedSocket, patch: Socket['write']) {
          this.#guard.patchWrite(this, patch, write);
        },
      });
    }

    static readonly #listeners: Readonly<Record<OwnEvent, (this: GuardedSocket, argument: never) => void>> = {
      connect() {
        // A library that connected the socket is being answered.
        if (this.#guard.isUp) return;
        this.#owner.opened(this);
        if (!isSecure) this.#owner.connected(this);
      },
      secureConnect() {
        this.#owner.connected(this);
      },
      session(session: Buffer) {
        this.#owner.session(this, session);
      },
      data(chunk: Buffer) {
        if (this.#guard.isUp) this.#owner.data(chunk);
      },
      drain() {
        if (this.#guard.takesWrites) this.#owner.drained();
      },
      end() {
        for (const listener of nodeEndListeners()) listener.call(this);
        this.#owner.ended(this);
      },
      error(error: Error) {
        // Reported when the socket closes; without a listener it would be thrown. But Node.js leaves a TLS socket open whose
        // peer sends something else than TLS, and never reads from it again.
        if (isSecure && this.#guard.isUp && !this.destroyed) this.#owner.failed(this, error);
      },
      close() {
        this.#owner.closed(this);
      },
    };
  }

  return GuardedSocket;
}
