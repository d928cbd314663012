import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type {
  Connection,
  ConnectionManager,
  DiscoveredEndpoint,
  Handler,
  ManagedSocket,
  Pool,
} from '../../src/index.js';
import { ScriptedDiscovery } from '../support/scripted-discovery.js';

/** What a server of the night does. */
export type Fault = 'well' | 'crashed' | 'frozen' | 'flapping' | 'slow';

/** How long the slow server takes to answer, in milliseconds: much, so that it stands out on a busy machine as well. */
const slowness = 400;
/** How long the flapping server keeps what it accepts, in milliseconds. */
const flapping = 15;

/** A server that echoes until its fault begins. */
class NightServer {
  readonly fault: Fault;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #hasBegun = false;

  constructor(fault: Fault) {
    this.fault = fault;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  get endpoint(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.#port };
  }

  get name(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** The fault begins. */
  begin(): void {
    this.#hasBegun = true;
    if (this.fault === 'crashed') this.#server.close();
    if (this.fault === 'crashed' || this.fault === 'flapping') this.#drop();
  }

  /** All is well again. */
  async end(): Promise<void> {
    this.#hasBegun = false;
    if (!this.#server.listening) await this.listen();
    if (this.fault === 'frozen') this.#drop();
  }

  close(): void {
    this.#server.close();
    this.#drop();
  }

  #drop(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => undefined);
    socket.on('data', (chunk) => this.#answer(socket, chunk));
    if (this.#hasBegun && this.fault === 'flapping') setTimeout(() => socket.resetAndDestroy(), flapping);
  }

  #answer(socket: Socket, chunk: Buffer): void {
    if (this.#hasBegun && this.fault === 'frozen') return;
    if (this.#hasBegun && this.fault === 'slow') setTimeout(() => socket.write(chunk), slowness);
    else socket.write(chunk);
  }
}

/** Asks a server something, and waits for the answer. */
class Asker implements Handler {
  #heard: (() => void) | undefined;

  onConnect(_socket: ManagedSocket): void {
    this.#heard = undefined;
  }

  onData(): void {
    this.#heard?.();
  }

  ask(socket: ManagedSocket, signal: AbortSignal): Promise<void> {
    socket.write('?');
    return new Promise((resolve, reject) => {
      this.#heard = resolve;
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }
}

const faults: readonly Fault[] = ['crashed', 'frozen', 'flapping', 'slow', 'well'];

/**
 * Five servers, of which four go wrong, each in its own way; a pool of 20 whose discovery changes, with borrowers; a connection
 * alone.
 */
export class Night {
  readonly servers: readonly NightServer[] = faults.map((fault) => new NightServer(fault));
  readonly discovery = new ScriptedDiscovery();
  readonly pool: Pool;
  readonly #manager: ConnectionManager;
  readonly #stop = new AbortController();
  #working: Promise<unknown> = Promise.resolve();
  lone: Connection | undefined;

  constructor(manager: ConnectionManager) {
    this.#manager = manager;
    const options = {
      backoff: { initial: 40, max: 400 },
      stableAfter: 200,
      handshakeTimeout: 700,
      heartbeat: { interval: 300, timeout: 700, ping: (socket: ManagedSocket) => void socket.write('!') },
    };
    this.pool = manager.createPool('cache', () => new Asker(), {
      ...options,
      perEndpoint: 4,
      drain: 100,
      discovery: this.discovery,
      acquireTimeout: 500,
    });
    this.#options = options;
  }

  readonly #options: object;

  server(fault: Fault): NightServer {
    return this.servers.find((each) => each.fault === fault) as NightServer;
  }

  /** All is well: five servers, 21 connections, borrowers. */
  async start(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.listen()));
    await this.discovery.say(this.#snapshot());
    this.lone = this.#manager.connect(this.server('well').endpoint, new Asker(), this.#options);
    await this.pool.ready(20);
    await this.lone.ready();
    this.#working = Promise.all(Array.from({ length: 8 }, () => this.#work()));
  }

  /** The faults begin, and discovery says the servers in another order, with another one. */
  async goWrong(extra?: DiscoveredEndpoint): Promise<void> {
    for (const server of this.servers) server.begin();
    await this.discovery.say([...this.#snapshot(), ...(extra ? [extra] : [])].toReversed());
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#manager.disconnectAll({ grace: 0 });
    await this.#working;
    for (const server of this.servers) server.close();
  }

  #snapshot(): DiscoveredEndpoint[] {
    return this.servers.map(({ endpoint }) => endpoint);
  }

  async #work(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.pool
        .use(({ handler, socket, signal }) => (handler as Asker).ask(socket, signal))
        .catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
