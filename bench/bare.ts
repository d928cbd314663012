import { connect, type Socket } from 'node:net';

/** What the control tells its program: connman's own callbacks, as far as a hand-written retry has them. */
export interface BareHandler {
  onConnect(socket: Socket): void;
  onReset(): void;
  onData(chunk: Buffer): void;
}

const firstDelay = 300;
const longestDelay = 10_000;

/** Dials with the socket options that connman has by default, so that all ask the same of the operating system. */
export function dialBare(port: number, host: string): Socket {
  return connect({ port, host, noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 });
}

/**
 * The control of every comparison: a bare `net.Socket` with a retry as programs write it by hand. A new socket for each
 * dial, one listener for each event, an exponential timer. The socket options are connman's defaults, so that
 * both ask the same of the operating system.
 */
export class BareConnection {
  readonly #port: number;
  readonly #host: string;
  readonly #handler: BareHandler;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #delay = firstDelay;
  #isStopped = false;
  #lastError: Error | undefined;

  constructor(port: number, host: string, handler: BareHandler) {
    this.#port = port;
    this.#host = host;
    this.#handler = handler;
    this.#dial();
  }

  get lastError(): Error | undefined {
    return this.#lastError;
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  /** Ends the connection in order; resolves when it is closed. */
  close(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (!socket || socket.closed) return Promise.resolve();
    return new Promise((resolve) => socket.once('close', () => resolve()).end());
  }

  #dial(): void {
    const handler = this.#handler;
    const socket = dialBare(this.#port, this.#host);
    this.#socket = socket;
    let isUp = false;
    socket.on('connect', () => {
      isUp = true;
      this.#delay = firstDelay;
      handler.onConnect(socket);
    });
    socket.on('data', (chunk) => handler.onData(chunk));
    socket.on('error', (error) => {
      this.#lastError = error;
    });
    socket.on('close', () => {
      if (isUp) handler.onReset();
      if (this.#isStopped) return;
      this.#timer = setTimeout(() => this.#dial(), this.#delay * (0.5 + Math.random() / 2));
      this.#delay = Math.min(this.#delay * 2, longestDelay);
    });
  }
}
