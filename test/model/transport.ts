import { createSecureContext, type SecureContext } from 'node:tls';
import * as fc from 'fast-check';
import type { ConnectionOptions } from '../../src/index.js';
import { startFaultServer, type FaultServer } from '../../src/testing/index.js';
import { certificates, type Certificates } from '../support/certificates.js';
import { SocketFolder } from '../support/socket-folder.js';
import { sound, type Security } from './security.js';

/** What the connections of a run go over. */
export interface Transport {
  readonly name: string;
  /** Whether they speak TLS. Then each dial has a new socket. */
  readonly isSecure: boolean;
  /** Whether they go over a Unix socket. Then no port says which life a connection of the server belongs to. */
  readonly isLocal: boolean;
}

const shares: readonly (Transport & { readonly weight: number })[] = [
  { weight: 9, name: 'TCP', isSecure: false, isLocal: false },
  { weight: 4, name: 'a Unix socket', isSecure: false, isLocal: true },
  { weight: 4, name: 'TLS', isSecure: true, isLocal: false },
  { weight: 1, name: 'TLS over a Unix socket', isSecure: true, isLocal: true },
];

export const transportNames: readonly string[] = shares.map(({ name }) => name);

/** Any transport. A step over TLS takes almost three times as long as one over TCP, so TLS has the smaller share. */
export const transport: fc.Arbitrary<Transport> = fc.oneof(
  ...shares.map(({ weight, ...each }) => ({ weight, arbitrary: fc.constant<Transport>(each) })),
);

let trusted: SecureContext | undefined;

/** What clients trust. One for all, since it takes as long as a handshake to make it. */
function trusting({ ca }: Certificates): SecureContext {
  trusted ??= createSecureContext({ ca });
  return trusted;
}

/** The server of a run, where it listens, and how it is dialled. */
export class Site {
  readonly server: FaultServer;
  readonly transport: Transport;
  /** The options of a connection for this transport. */
  readonly options: ConnectionOptions;
  readonly #folder: SocketFolder | undefined;
  readonly #security: { present: Security };
  #closing: Promise<void> | undefined;

  private constructor(
    server: FaultServer,
    kind: Transport,
    security: { present: Security },
    certs: Certificates | undefined,
    folder: SocketFolder | undefined,
  ) {
    this.server = server;
    this.transport = kind;
    this.#security = security;
    this.options = certs ? { tls: { secureContext: trusting(certs), servername: 'localhost' } } : {};
    this.#folder = folder;
  }

  /** Starts a server that can be reached over this transport. `keepBytes` is an option of the server. */
  static async open(kind: Transport, keepBytes: number): Promise<Site> {
    const folder = kind.isLocal ? new SocketFolder() : undefined;
    const certs = kind.isSecure ? await certificates() : undefined;
    const security = { present: sound };
    const server = await startFaultServer({
      keepBytes,
      ...(folder && { path: folder.next() }),
      ...(certs && { tls: (connection) => security.present.options(certs, connection) }),
    });
    return new Site(server, kind, security, certs, folder);
  }

  /** How the connections to come shake hands, if they speak TLS. */
  secure(security: Security): void {
    this.#security.present = security;
  }

  /** Closes the server. Rejects if a file is left of its socket. */
  close(): Promise<void> {
    this.#closing ??= this.server.close().then(() => this.#folder?.remove());
    return this.#closing;
  }
}
