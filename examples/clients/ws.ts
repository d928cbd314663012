/** ws over one connection: a new WebSocket for each life. */
import { FatalError, type Handler, type ManagedSocket } from 'connman';
import { type ClientOptions, type RawData, WebSocket } from 'ws';

/** The answers to an upgrade that trying again does not change. */
const hopeless = new Set([401, 403]);

/**
 * A lasting WebSocket: `connect(80, host, new LastingWebSocket('ws://host/path', onMessage), { listeners: 'life' })`. The
 * connection is ready once the upgrade is done, and closed when the server refuses it. For `wss:`, give the connection the option
 * `tls`, not the WebSocket. The heartbeat of the connection can be that of the protocol:
 * `heartbeat: { interval: 10_000, ping: () => handler.peer.ping() }`.
 */
export class LastingWebSocket implements Handler {
  readonly #url: string;
  readonly #onMessage: (data: RawData, isBinary: boolean) => void;
  readonly #options: ClientOptions;
  #peer: WebSocket | undefined;

  constructor(
    url: string,
    onMessage: (data: RawData, isBinary: boolean) => void,
    options: ClientOptions = {},
  ) {
    this.#url = url;
    this.#onMessage = onMessage;
    this.#options = options;
  }

  /** The WebSocket of the present life. A message that is sent when the life ends may be lost, without an error. */
  get peer(): WebSocket {
    if (!this.#peer) throw new Error('the WebSocket is not connected');
    return this.#peer;
  }

  onConnect(socket: ManagedSocket): Promise<void> {
    return new Promise((resolve, reject) => {
      const peer = new WebSocket(this.#url, { ...this.#options, createConnection: () => socket });
      peer.on('message', this.#onMessage);
      peer.once('open', () => {
        this.#peer = peer;
        resolve();
      });
      peer.once('unexpected-response', (_request, { statusCode = 0 }) => {
        const message = `the server answered ${statusCode}`;
        reject(hopeless.has(statusCode) ? new FatalError(message) : new Error(message));
        socket.destroy();
      });
      // After the upgrade, these are the end of the life. onReset hears of it as well.
      peer.on('error', reject);
      peer.once('close', () => reject(new Error('the link was closed')));
    });
  }

  onReset(): void {
    this.#peer = undefined;
  }
}
