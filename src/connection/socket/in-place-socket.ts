import {
  Socket,
  type SocketConnectOpts,
  type SocketConstructorOpts,
  type TcpSocketConnectOpts,
} from 'node:net';
import { milliseconds } from '../../primitives/checks.js';
import { selfConnection } from '../dial.js';
import { GuardedSocket } from './guarded-socket.js';
import type { DisconnectOptions } from '../handler.js';
import { LinkClosed, type Link, type LinkObserver, type LinkSettings } from './link.js';
import { addedListeners, listenersOf, type Listeners } from './listeners.js';

type AnySocket = InPlaceSocket<unknown>;
type Callback = (error?: Error | null) => void;
type Listener = (this: AnySocket, argument: never) => void;

/** What Node.js listens to `'end'` with. Ours calls it: for two listeners, each socket would keep an array. */
const nodeEndListeners = new Socket().listeners('end') as ((this: Socket) => void)[];

/**
 * The socket of a connection: tells its owner when a life begins and ends, and remembers over all lives what the program
 * asked of it.
 */
export class InPlaceSocket<Owner> extends GuardedSocket implements Link {
  readonly #owner: Owner;
  readonly #observer: LinkObserver<Owner>;
  /** The one object that many links were made with. */
  readonly #settings: LinkSettings;
  #isReferenced = true;
  #port: number | undefined;
  /** How the present dial, or the life it has led to, is ending, if it is. */
  #loss: LinkClosed | undefined;
  /** Which listeners there were when the present life began, if those of a life are not kept. */
  #lasting: Listeners | undefined;

  constructor(
    options: SocketConstructorOpts,
    settings: LinkSettings,
    owner: Owner,
    observer: LinkObserver<Owner>,
  ) {
    super(options);
    this.#owner = owner;
    this.#observer = observer;
    this.#settings = settings;
    for (const listener of nodeEndListeners) super.removeListener('end', listener);
    for (const name of ['connect', 'end', 'error', 'close'] as const) this.#listen(name);
  }

  /** Gives every chunk to the owner. */
  readForOwner(): void {
    // It flows before there is anything to read: so Node.js has no need to make it flow, a tick later.
    (this as { readableFlowing: boolean | null }).readableFlowing = true;
    this.#listen('data');
  }

  /** @internal */
  get current(): this {
    return this;
  }

  /** Whether the program wants this socket to keep it alive. */
  get isReferenced(): boolean {
    return this.#isReferenced;
  }

  /** Whether one side of the present life has ended. */
  get isHalfClosed(): boolean {
    return this.#loss?.endedBy !== undefined;
  }

  /** Begins one dial. Only to be called on a new socket, or after the previous dial's `closed`. */
  dial(options: SocketConnectOpts): void {
    this.#port = (options as Partial<TcpSocketConnectOpts>).port;
    this.connectAgain(options);
    if (this.destroyed) return;
    if (this.timeout) super.setTimeout(this.timeout);
    if (!this.#isReferenced) super.unref();
  }

  /** Reads on where nobody does, so that the end of the link is noticed. */
  readOn(): void {
    if (this.isUp && this.readableFlowing === null) this.resume();
  }

  /** Stops reconnecting, flushes, ends and closes the socket. */
  disconnect(options?: DisconnectOptions): Promise<void> {
    return this.#observer.disconnect(this.#owner, options);
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

  override end(...args: unknown[]): this {
    const { isUp } = this;
    super.end(...args);
    if (isUp) this.#halfClosed('local');
    return this;
  }

  // The listeners that keep the connection alive stay, whatever the program removes.
  override removeListener(event: string | symbol, listener: Callback | ((...args: never[]) => void)): this {
    if (Object.hasOwn(InPlaceSocket.#listeners, event)) {
      if (InPlaceSocket.#listeners[event as OwnEvent] === listener) return this;
    }
    return super.removeListener(event as string, listener as () => void);
  }

  override off(event: string | symbol, listener: Callback | ((...args: never[]) => void)): this {
    return this.removeListener(event, listener);
  }

  override removeAllListeners(event?: string | symbol): this {
    const own = (Object.keys(InPlaceSocket.#listeners) as OwnEvent[]).filter((name) => this.#listensTo(name));
    if (event === undefined) super.removeAllListeners();
    else super.removeAllListeners(event as string);
    for (const name of own) if (!this.#listensTo(name)) this.#listen(name);
    return this;
  }

  override _destroy(error: Error | null, done: Callback): void {
    this.#loss ??= new LinkClosed();
    this.#loss.error = error ?? undefined;
    this.#loss.unsentBytes = this.countUnsent(error);
    super._destroy(error, done);
  }

  protected override get maxBuffered(): number {
    return this.#settings.maxBuffered;
  }

  protected override overflowed(): void {
    this.#observer.overflowed(this.#owner);
  }

  #connected(): void {
    // A library that connected the socket is being answered.
    if (this.isUp) return;
    const error = selfConnection(this, this.#port);
    if (error) {
      this.destroy(error);
      return;
    }
    if (!this.#isReferenced) super.unref();
    this.rise();
    if (!this.#settings.keepsListeners) this.#lasting = listenersOf(this);
    this.#observer.connected(this.#owner);
  }

  #ended(): void {
    for (const listener of nodeEndListeners) listener.call(this);
    // Nobody else would end our side of a half-open socket, and the life would last for ever.
    if (this.allowHalfOpen && this.listenerCount('end') === 1) super.end();
    this.#halfClosed('remote');
  }

  #halfClosed(side: 'local' | 'remote'): void {
    if (this.isHalfClosed || this.destroyed) return;
    this.#loss = new LinkClosed();
    this.#loss.endedBy = side;
    this.#observer.halfClosed(this.#owner);
  }

  #closed(): void {
    const loss = this.#loss ?? new LinkClosed();
    this.#loss = undefined;
    this.fall();
    this.#dropListeners();
    this.#observer.closed(this.#owner, loss);
  }

  /** Takes away the listeners that were added in this life, once they have heard that it is over. */
  #dropListeners(): void {
    if (!this.#lasting) return;
    const added = addedListeners(this.#lasting, listenersOf(this));
    this.#lasting = undefined;
    process.nextTick(() => {
      for (const [event, listener] of added) {
        if (listener !== unrefAttempt) super.removeListener(event as string, listener);
      }
    });
  }

  #hasHandle(): boolean {
    return (this.isUp || this.connecting) && !this.destroyed;
  }

  #listen(name: OwnEvent): void {
    this.on(name, InPlaceSocket.#listeners[name] as () => void);
  }

  #listensTo(name: OwnEvent): boolean {
    return this.listeners(name).includes(InPlaceSocket.#listeners[name] as () => void);
  }

  static readonly #listeners: Readonly<Record<OwnEvent, Listener>> = {
    connect() {
      this.#connected();
    },
    data(chunk: Buffer) {
      if (this.isUp) this.#observer.data(this.#owner, chunk);
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
}

type OwnEvent = 'connect' | 'data' | 'end' | 'error' | 'close';

function unrefAttempt(this: Socket): void {
  Socket.prototype.unref.call(this);
}
