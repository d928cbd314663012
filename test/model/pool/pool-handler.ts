import type { Handler, ManagedSocket, Reset } from '../../../src/index.js';

/** How the next handshakes end. */
export type Handshake = 'at once' | 'later' | 'throw';

/** What the handlers of a pool have in common. */
export interface HandlerHost {
  nextHandshake(): Handshake;
  /** A life is to end as planned. Whether something is still under way. */
  lifeRetires(handler: PoolHandler): boolean;
  /** A life has ended: the program may do something about it. */
  lifeEnded(handler: PoolHandler, reset: Reset): void;
}

/** Reads all that comes, unless the program holds the socket back; shakes hands as it is told. */
export class PoolHandler implements Handler {
  readonly #host: HandlerHost;
  readonly onRetire?: () => void | Promise<void>;

  constructor(host: HandlerHost, tellsIdle: boolean) {
    this.#host = host;
    if (!tellsIdle) return;
    this.onRetire = () =>
      host.lifeRetires(this) ? new Promise((resolve) => setImmediate(resolve)) : undefined;
  }

  onConnect(socket: ManagedSocket): void | Promise<void> {
    socket.on('data', () => undefined);
    return this.#shakeHands();
  }

  onReconnect(socket: ManagedSocket): void | Promise<void> {
    socket.resume();
    return this.#shakeHands();
  }

  onError(error: unknown, where: string): void {
    if (where !== 'factory') throw error;
  }

  onReset(reset: Reset): void {
    this.#host.lifeEnded(this, reset);
  }

  #shakeHands(): void | Promise<void> {
    const handshake = this.#host.nextHandshake();
    if (handshake === 'later') return new Promise((resolve) => setImmediate(resolve));
    if (handshake === 'throw') throw new Error('a handshake that fails');
  }
}
