import type { SocketConnectOpts } from 'node:net';
import type { Endpoint } from '../../primitives/endpoint.js';
import type { DialPhase } from '../../primitives/errors.js';
import type { DisconnectOptions, ManagedSocket } from './managed-socket.js';
import type { WriteSettings } from './writer.js';
import type { PreludeSocket } from './prelude-socket.js';

/** How a dial, and the life it may have led to, ended. One object for all of it: many connections may be closed at once. */
export class LinkClosed {
  error: Error | undefined = undefined;
  /** The side that ended first, if one did before the socket closed. */
  endedBy: 'local' | 'remote' | undefined = undefined;
  unsentBytes = 0;
}

/** What a link tells its owner. One object serves all links; the owner comes with each call. */
export interface LinkObserver<Owner> {
  /** A life begins: told before other listeners of the socket hear of it. */
  connected(owner: Owner): void;
  data(owner: Owner, chunk: Buffer): void;
  /** Whether the owner wants to know of `'drain'`. Asked for each socket. */
  hearsDrain(owner: Owner): boolean;
  /** The present socket has emitted `'drain'`, and takes writes. */
  drained(owner: Owner): void;
  /** A write was refused, on the present socket or an earlier one. */
  refused(owner: Owner, hasCallback: boolean): void;
  /** One side of the link has ended, the other not yet. */
  halfClosed(owner: Owner): void;
  /** More waits to be sent than `maxBuffered` allows. */
  overflowed(owner: Owner): void;
  /** The socket is closed: exactly once for each dial. */
  closed(owner: Owner, closed: Readonly<LinkClosed>): void;
  /** `ref()` or `unref()` was called. */
  referenced(owner: Owner): void;
  disconnect(owner: Owner, options?: DisconnectOptions): Promise<void>;
}

/** What a link is made with. */
export interface LinkSettings extends WriteSettings {
  /** Whether listeners that were added in a life stay when it ends. */
  readonly keepsListeners: boolean;
}

/** A function of the application that is asked for each dial. */
export type Source = (endpoint: Endpoint, context: { readonly signal: AbortSignal }) => unknown;

/** One dial: how far it has come, and what the application does in it. */
export interface DialProgress {
  phase: DialPhase;
  readonly endpoint: Endpoint;
  /** Runs the prelude of the application. */
  runPrelude(socket: PreludeSocket): unknown;
  /** Asks the application for what the dial needs first, and reads its answer. No other dial follows where that throws. */
  ask<T>(source: Source, read: (answer: unknown) => T): Promise<T>;
}

/** What a connection does with its socket, which is the same one in every life, or a new one. */
export interface Link {
  /** The socket of the present dial or life, or of the last one. */
  readonly current: ManagedSocket;
  /** Whether this link keeps the process alive: `ref()` and `unref()` of its sockets. */
  readonly isReferenced: boolean;
  /** Whether one side of the present life has ended. */
  readonly isHalfClosed: boolean;
  /** Whether a write would be passed on: not when the link is down, nor when it is about to go. */
  readonly takesWrites: boolean;
  /** Begins one dial. Only to be called on a new link, or after the previous dial's `closed`. */
  dial(options: SocketConnectOpts, dial: DialProgress): void;
  /** Reads on where no one does, so that the end of the link is noticed. */
  readOn(): void;
  /** The present life is to end: takes no more writes. */
  refuseWrites(): void;
  /** Tells writers which were refused, or held back, that they may go on. */
  announceDrain(): void;
}
