import {
  constant,
  type Connection,
  type ConnectionManager,
  type ConnectionOptions,
  type Handler,
  type ManagedSocket,
} from '../../../src/index.js';
import { startFaultServer, type FaultServer, type Script } from '../../../src/testing/index.js';
import { certificates } from '../../support/certificates.js';
import { until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';
import { SocketFolder } from '../../support/socket-folder.js';

export const transports = ['TCP', 'a Unix socket', 'TLS'] as const;
export type TransportName = (typeof transports)[number];

/** How a {@link Stage} is set. */
export interface Setting {
  readonly script?: Script;
  readonly options?: ConnectionOptions;
  /** Whether the server refuses at first. */
  readonly isRefused?: boolean;
  /** Whether the handler leaves the reading to the test. */
  readonly readsItself?: boolean;
  /** More members of the handler, or others. */
  readonly members?: object;
}

/** A connection over one of the transports, and the server on its other end. It has begun to dial. */
export class Stage {
  readonly server: FaultServer;
  readonly handler: Recorder;
  readonly connection: Connection;
  /** The errors that listeners of the first socket have heard. */
  readonly errors: Error[] = [];

  constructor(server: FaultServer, handler: Recorder, connection: Connection) {
    this.server = server;
    this.handler = handler;
    this.connection = connection;
    this.socket.on('error', (error) => this.errors.push(error));
  }

  /** The present one. */
  get socket(): ManagedSocket {
    return this.connection.socket;
  }

  /** Resolves in that life. */
  async life(number: number): Promise<ManagedSocket> {
    await until(() => this.connection.life === number && this.connection.state === 'ready');
    await this.server.accept(number);
    return this.socket;
  }
}

/** Begins to dial over the transport, and closes the server once `play` is done. */
export async function withStage<T>(
  transport: TransportName,
  manager: ConnectionManager,
  { script, options, isRefused, readsItself, members }: Setting,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const { ca, localhost } = await certificates();
  const isSecure = transport === 'TLS';
  const folder = transport === 'a Unix socket' ? new SocketFolder() : undefined;
  const path = folder?.next();
  await using server = await startFaultServer({
    ...(path !== undefined && { path }),
    ...(isSecure && { tls: localhost }),
    ...(script && { script }),
  });
  if (isRefused) await server.refuse();
  const handler = new Recorder();
  if (readsItself) Object.assign(handler, { onData: undefined });
  Object.assign(handler, members);
  const endpoint = path === undefined ? { host: '127.0.0.1', port: server.port } : { path };
  const connection = manager.connect(endpoint, handler as Handler, {
    backoff: constant(1),
    ...(isSecure && { tls: { ca, servername: 'localhost' } }),
    ...options,
  });
  const result = await play(new Stage(server, handler, connection));
  await connection.disconnect({ grace: 0 });
  await server.close();
  folder?.remove();
  return result;
}
