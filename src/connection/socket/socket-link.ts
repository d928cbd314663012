import { Socket, type SocketConnectOpts, type TcpSocketConnectOpts } from 'node:net';
import { discardFailure, discardInput, discardOutput } from './cleanup.js';
import { LinkClosed, type DialProgress, type Link, type LinkObserver, type LinkSettings } from './link.js';
import { addedListeners, listenersOf, type Listeners } from './listeners.js';
import type { DisconnectOptions, ManagedSocket } from './managed-socket.js';
import { selfConnection } from './self-connection.js';
import type { Transport, TransportLink } from './transport.js';
import { WriteGuard } from './write-guard.js';

/** What Node's own methods do on a socket, past the guard. */
const node = Socket.prototype;

/**
 * The link of a connection, over any transport. It hears from its socket, begins and ends lives, and tells its owner: one
 * object beside the socket, so that none of this is reachable from the socket.
 */
export class SocketLink<Owner> implements Link, TransportLink {
  readonly #transport: Transport;
  /** The one object that many links were made with. */
  readonly #settings: LinkSettings;
  readonly #owner: Owner;
  readonly #observer: LinkObserver<Owner>;
  #socket: ManagedSocket | undefined;
  #guard: WriteGuard = unattached;
  #isReferenced = true;
  #port: number | undefined;
  /** How the present dial, or the life it has led to, is ending, if it is. */
  #closed: LinkClosed | undefined;
  /** Which listeners there were when the present life began, if those of a life are not kept. */
  #lasting: Listeners | undefined;

  constructor(transport: Transport, settings: LinkSettings, owner: Owner, observer: LinkObserver<Owner>) {
    this.#transport = transport;
    this.#settings = settings;
    this.#owner = owner;
    this.#observer = observer;
  }

  get current(): ManagedSocket {
    if (!this.#socket) this.#transport.prepare?.(this);
    return this.#socket as unknown as ManagedSocket;
  }

  get isReferenced(): boolean {
    return this.#isReferenced;
  }

  get isHalfClosed(): boolean {
    return this.#closed?.endedBy !== undefined;
  }

  get takesWrites(): boolean {
    return this.#guard.takesWrites;
  }

  dial(options: SocketConnectOpts, dial: DialProgress): void {
    this.#port = (options as Partial<TcpSocketConnectOpts>).port;
    const previous = this.#socket;
    this.#transport.dial(this, previous, options, dial);
    this.replaced(previous);
  }

  replaced(previous: ManagedSocket | undefined): void {
    const { current } = this;
    if (previous && previous !== current) {
      // A pause before the first life is meant for it. Every later life begins unpaused.
      if (!this.#guard.hasLived && previous.isPaused()) current.pause();
      previous.destroy();
    }
    if (!current.destroyed && !this.#isReferenced) this.#unref(current);
  }

  readOn(): void {
    if (this.#guard.isUp && this.current.readableFlowing === null) this.current.resume();
  }

  refuseWrites(): void {
    this.#guard.refuseWrites();
  }

  announceDrain(): void {
    this.#guard.announceDrain(this.current);
  }

  attach(socket: ManagedSocket): WriteGuard {
    const guard = new WriteGuard(this.#guard.hasLived, this.#guard.owesDrain(this.#socket));
    this.#guard = guard;
    this.#socket = socket;
    this.#closed = undefined;
    // A dial that Node.js refuses is over before the socket is ours.
    if (socket.destroyed) this.destroying(socket, socket.errored);
    return guard;
  }

  opened(socket: ManagedSocket): void {
    this.#transport.opened?.();
    if (!this.#isReferenced) node.unref.call(socket);
    const error = selfConnection(socket, this.#port);
    if (error) socket.destroy(error);
  }

  connected(socket: ManagedSocket): void {
    const guard = this.#guard;
    if (guard.isUp || socket.destroyed) return;
    const isFirst = !guard.hasLived;
    guard.beginLife();
    this.#transport.connected?.();
    discardFailure(socket);
    this.#beginReading(socket, isFirst);
    if (!this.#settings.keepsListeners) this.#lasting = listenersOf(socket);
    this.#observer.connected(this.#owner);
  }

  /** Reads as if no earlier life had stopped it. A pause that was asked for before the first life holds in that life. */
  #beginReading(socket: ManagedSocket, isFirst: boolean): void {
    if (!isFirst && socket.isPaused()) socket.resume();
    if (this.#guard.isReadOwed) node._read.call(socket, socket.readableHighWaterMark);
    // With `onread`, the read that was owed would deliver although the socket is paused.
    if (socket.isPaused()) socket.pause();
    if (socket.listenerCount('readable') > 0) socket.read(0);
  }

  data(chunk: Buffer): void {
    this.#observer.data(this.#owner, chunk);
  }

  get hearsDrain(): boolean {
    return this.#observer.hearsDrain(this.#owner);
  }

  drained(): void {
    this.#observer.drained(this.#owner);
  }

  refused(owesDrain: boolean, hasCallback: boolean): void {
    if (owesDrain) this.#guard.oweDrain();
    this.#observer.refused(this.#owner, hasCallback);
  }

  session(socket: ManagedSocket, session: Buffer): void {
    this.#transport.session?.(socket, session);
  }

  get writing(): LinkSettings {
    return this.#settings;
  }

  overflowed(): void {
    this.#observer.overflowed(this.#owner);
  }

  ended(socket: ManagedSocket): void {
    if (!this.#guard.isUp) return;
    if (!socket.allowHalfOpen) this.#guard.endWrites();
    // Without another listener, nothing else would end our side of a half-open socket, and the life would never end.
    else if (socket.listenerCount('end') === 1) this.#guard.end(socket, this, []);
    this.#halfClosed('remote');
  }

  endedLocally(): void {
    this.#halfClosed('local');
  }

  #halfClosed(side: 'local' | 'remote'): void {
    if (this.isHalfClosed || this.current.destroyed) return;
    this.#closed = new LinkClosed();
    this.#closed.endedBy = side;
    this.#observer.halfClosed(this.#owner);
  }

  /** Destroys the socket without the error, or it would emit the error again. */
  failed(socket: ManagedSocket, error: Error): void {
    this.#closed ??= new LinkClosed();
    this.#closed.error = error;
    socket.destroy();
  }

  destroying(socket: ManagedSocket, error: Error | null): void {
    if (socket !== this.#socket) return;
    this.#closed ??= new LinkClosed();
    if (error) this.#closed.error = error;
    this.#closed.unsentBytes = this.#guard.countUnsent(socket, error);
    this.#guard.endWrites();
  }

  closed(socket: ManagedSocket): void {
    // Over TLS, the socket from before the first dial closes during that dial.
    if (socket !== this.#socket) return;
    const closed = this.#closed ?? new LinkClosed();
    this.#closed = undefined;
    if (!this.#guard.isUp) this.#transport.failed?.(socket);
    this.#guard.endLife(socket);
    socket.unpipe();
    discardInput(socket);
    discardOutput(socket);
    this.#dropListeners(socket);
    this.#observer.closed(this.#owner, closed);
  }

  /** Takes away the listeners that were added in this life, once they have heard that it is over. */
  #dropListeners(socket: ManagedSocket): void {
    if (!this.#lasting) return;
    const added = addedListeners(this.#lasting, listenersOf(socket));
    this.#lasting = undefined;
    process.nextTick(() => {
      for (const [event, listener] of added) {
        if (listener !== unrefAttempt) socket.removeListener(event as string, listener);
      }
    });
  }

  reference(isReferenced: boolean): void {
    const { current } = this;
    this.#isReferenced = isReferenced;
    this.#transport.referenced?.(isReferenced);
    if (!isReferenced) this.#unref(current);
    else if (hasHandle(current.removeListener('connectionAttempt', unrefAttempt))) node.ref.call(current);
    this.#observer.referenced(this.#owner);
  }

  /** Each address that is tried has a handle of its own. */
  #unref(socket: ManagedSocket): void {
    socket.removeListener('connectionAttempt', unrefAttempt).on('connectionAttempt', unrefAttempt);
    if (hasHandle(socket)) node.unref.call(socket);
  }

  disconnect(options?: DisconnectOptions): Promise<void> {
    return this.#observer.disconnect(this.#owner, options);
  }
}

/** The guard of a link without a socket. */
const unattached = new WriteGuard(false);

/** Whether Node.js has something to reference. Where it has not, it would add a listener instead, which stays. */
function hasHandle(socket: Socket): boolean {
  return !socket.destroyed && (socket.connecting || !socket.pending);
}

function unrefAttempt(this: Socket): void {
  node.unref.call(this);
}
