import type { ManagedSocket } from '../../src/index.js';
import { listenerCounts, unexpectedListeners } from './listeners.js';

type ListenerCounts = Readonly<Record<string, number>>;

/** Hears of the errors and the ends of one socket. */
export interface SocketObserver {
  socketErred(watch: SocketWatch, error: NodeJS.ErrnoException): void;
  socketClosed(watch: SocketWatch): void;
}

/** Counts what one socket emits, and who listens to it. */
export class SocketWatch {
  readonly socket: ManagedSocket;
  /** Whether it is the socket of a dial: over TLS, the one before the first dial is not. */
  readonly isDialled: boolean;
  readonly #observer: SocketObserver;
  #baseline: ListenerCounts;
  #listenersAreOurs = true;
  /** How often it has closed. */
  closes = 0;
  /** How many errors it has emitted since it closed last. */
  errors = 0;

  constructor(socket: ManagedSocket, isDialled: boolean, observer: SocketObserver) {
    this.socket = socket;
    this.isDialled = isDialled;
    this.#observer = observer;
    this.#baseline = listenerCounts(socket);
    this.listen();
  }

  /** Listens, for the first time or after `removeAllListeners()`. */
  listen(): void {
    this.socket.off('close', this.#onClose).on('close', this.#onClose);
    this.socket.off('error', this.#onError).on('error', this.#onError);
  }

  /** The program has removed every listener it can. */
  listenersRemoved(): void {
    this.#listenersAreOurs = false;
    this.listen();
  }

  /** Its listeners, unless the program has removed some. */
  get listeners(): ListenerCounts | undefined {
    return this.#listenersAreOurs ? listenerCounts(this.socket) : undefined;
  }

  /** Where there are other listeners than at first, besides our own and those of the program. */
  excess(ofProgram: readonly string[]): string[] {
    return unexpectedListeners(
      this.socket,
      this.#baseline,
      ['close', 'error', ...ofProgram],
      this.#listenersAreOurs,
    );
  }

  /** Where there are other listeners than another socket had at the same point of its life. */
  differences(other: ListenerCounts, ofProgram: readonly string[]): string[] {
    return unexpectedListeners(this.socket, other, ofProgram, this.#listenersAreOurs);
  }

  readonly #onClose = (): void => {
    this.closes += 1;
    this.errors = 0;
    this.#observer.socketClosed(this);
  };

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.errors += 1;
    this.#observer.socketErred(this, error);
  };
}
