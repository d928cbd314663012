import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import type { Endpoint } from '../../src/primitives/endpoint.js';
import {
  type FaultServer,
  type FaultServerOptions,
  type ServerProcess,
  type ServerProcessOptions,
  startFaultServer,
  startServerProcess,
} from '../../src/testing/index.js';
import { type Certificates, certificates, type Identity } from '../support/certificates.js';
import { SocketFolder } from '../support/socket-folder.js';

// Taken from here, not from vitest: it says that the test is of the socket ring.
export { test } from 'vitest';

/** A bare client that records its events. */
export interface Client {
  readonly socket: Socket;
  /** The events, in order. Consecutive 'data' events count once, 'connect' means that TLS is up, an error is its code. */
  readonly events: readonly string[];
  /** The sizes of the chunks read. */
  readonly chunks: readonly string[];
  /** Resolves with the events once the socket has closed. */
  readonly closed: Promise<readonly string[]>;
  /** Resolves with all bytes read, once they are at least `bytes`. */
  read(bytes: number): Promise<string>;
}

/** Options of a dial; `ca`, `maxVersion` and `session` are those of TLS. */
export interface DialOptions {
  readonly allowHalfOpen?: boolean;
  /** The trusted authority. Given: the client speaks TLS. */
  readonly ca?: string | undefined;
  /** The highest version. */
  readonly maxVersion?: 'TLSv1.2';
  /** The session to resume. */
  readonly session?: Buffer | undefined;
}

export function dial(to: Endpoint | { readonly endpoint: Endpoint }, options: DialOptions = {}): Client {
  const socket = open('endpoint' in to ? to.endpoint : to, options);
  const events: string[] = [];
  const chunks: string[] = [];
  socket.on(options.ca ? 'secureConnect' : 'connect', () => events.push('connect'));
  socket.on('end', () => events.push('end'));
  socket.on('error', (error: NodeJS.ErrnoException) => events.push(error.code ?? error.message));
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk.toString('latin1'));
    if (events.at(-1) !== 'data') events.push('data');
  });
  const closed = new Promise<readonly string[]>((resolve) => {
    socket.once('close', () => {
      events.push('close');
      resolve(events);
    });
  });
  opened.push(socket);
  return { socket, events, chunks, closed, read: (bytes) => read(socket, chunks, bytes) };
}

function open({ host, port, path }: Endpoint, { ca, ...options }: DialOptions): Socket {
  const to = path === undefined ? { host, port, noDelay: true, ...options } : { path, ...options };
  if (!ca) return connect(to);
  const socket = connectSecurely({ ...to, ca, servername: 'localhost' });
  return socket.setNoDelay();
}

function read(socket: Socket, chunks: readonly string[], bytes: number): Promise<string> {
  const enough = (): string | undefined => {
    const all = chunks.join('');
    return all.length >= bytes ? all : undefined;
  };
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const all = enough();
      if (all !== undefined) resolve(all);
    };
    look();
    socket.on('data', look);
    socket.once('close', () => reject(new Error(`closed before byte ${bytes}`)));
  });
}

/** The transport between a client and a fault server; `'tls 1.2'` and `'tls'` (the newest version) run over TCP. */
export type Transport = 'tcp' | 'unix' | 'tls' | 'tls 1.2' | 'tls on unix';

export const transports: readonly Transport[] = ['tcp', 'unix', 'tls', 'tls 1.2', 'tls on unix'];

/** Servers and clients of one transport. */
export class Line {
  readonly transport: Transport;
  readonly isSecure: boolean;
  readonly isOnPath: boolean;
  /** The event that a client sees when the server resets. */
  readonly reset: 'ECONNRESET' | 'end';
  #certificates: Certificates | undefined;

  constructor(transport: Transport) {
    this.transport = transport;
    this.isSecure = transport.startsWith('tls');
    this.isOnPath = transport.endsWith('unix');
    this.reset = this.isOnPath ? 'end' : 'ECONNRESET';
  }

  /** A fault server. */
  async start(options: FaultServerOptions = {}): Promise<FaultServer> {
    return startFaultServer({ ...(await this.#options()), ...options });
  }

  /** A server process. */
  async startProcess(options: ServerProcessOptions = {}): Promise<ServerProcess> {
    return startServerProcess({ ...(await this.#options()), ...options });
  }

  /** A client of a server that was started here. */
  dial(server: FaultServer | ServerProcess, options: DialOptions = {}): Client {
    const version = this.transport === 'tls 1.2' && { maxVersion: 'TLSv1.2' as const };
    return dial(server, { ca: this.#certificates?.ca, ...version, ...options });
  }

  async #options(): Promise<{ path?: string; tls?: Identity }> {
    if (this.isSecure) this.#certificates = await certificates();
    const tls = this.#certificates && { tls: this.#certificates.localhost };
    return { ...(this.isOnPath && { path: socketPath() }), ...tls };
  }
}

/** Waits for `count` turns of the event loop: enough for what happens without a timer. */
export async function turns(count: number): Promise<void> {
  if (count === 0) return;
  await new Promise((resolve) => setImmediate(resolve));
  await turns(count - 1);
}

let opened: Socket[] = [];
let before: readonly string[] = [];
let folder: SocketFolder | undefined;

/** A path for a Unix socket; needs {@link expectNoHandles}. */
export function socketPath(): string {
  folder ??= new SocketFolder();
  return folder.next();
}

/** The open handles of sockets, servers and child processes in this process. */
export function handles(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => /^(TCP|Pipe|Process)/.test(kind))
    .toSorted();
}

/** Fails each test of a file that leaves a handle open; closes its clients and removes the folder of its sockets. */
export function expectNoHandles(): void {
  beforeEach(() => {
    before = handles();
  });
  afterEach(async () => {
    for (const socket of opened) socket.destroy();
    opened = [];
    await turns(2);
    expect(handles()).toEqual(before);
  });
  afterAll(() => {
    folder?.remove();
    // The next file of this process makes another.
    folder = undefined;
  });
}
