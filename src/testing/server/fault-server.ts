import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import {
  callable,
  filledString,
  integerFrom,
  oneOf,
  readOptions,
  socketPath,
} from '../../primitives/checks.js';
import { type Endpoint, formatEndpoint } from '../../primitives/endpoint.js';
import { ClosedError } from '../../primitives/errors.js';
import { Listener } from '../listen/listener.js';
import type { FileLeft } from '../listen/listen-address.js';
import { toListenEndpoint, requirePort } from '../listen/listen-options.js';
import { echo, type Fault } from './faults.js';
import type { Finish } from './wire.js';
import { type FaultPlan, toFaultPlan } from './fault-plan.js';
import { runFaults } from './run-faults.js';
import { ServerConnection } from './server-connection.js';
import { acceptTls, tlsOptions, type TlsScript } from './tls-layer.js';
import { Conditions } from './conditions.js';

/** Says how the server treats connection number n (from 1, in order of acceptance). Called once per connection. */
export type Script = (connection: number) => Fault | readonly Fault[];

/** Options of {@link startFaultServer}. */
export interface FaultServerOptions {
  /** The address to listen on. Default: '127.0.0.1'. */
  readonly host?: string;
  /** The port to listen on. Default: 0, which takes a free one. */
  readonly port?: number;
  /**
   * The path of a Unix socket (on Windows, of a named pipe) to listen on, instead of host and port. A file that is
   * there already is an error; the server's own is removed when it closes.
   */
  readonly path?: string;
  /**
   * Makes every connection a TLS one: options of `tls.createServer()`; `ticketKeys` are the same for all connections by
   * default, so that sessions can be resumed. A function chooses for each connection, at accept, and `undefined` leaves
   * that one plain. Default: plain.
   */
  readonly tls?: TlsOptions | TlsScript;
  /** Default: `echo()` for every connection. */
  readonly script?: Script;
  /** How many of the first bytes of each connection are kept to be looked at. Default: 1 MiB. */
  readonly keepBytes?: number;
}

const checks = {
  host: filledString,
  port: integerFrom(0, 65_535),
  path: socketPath,
  tls: tlsOptions,
  script: callable,
  keepBytes: integerFrom(0, 2 ** 30),
};

/**
 * Starts a server that misbehaves as told, over TCP or on a Unix socket, plain or with TLS: the fault is chosen by the
 * number of the connection and by byte offset, never by the clock. Resolves once it listens. Throws an OptionError for a
 * wrong option and the error of Node.js for wrong TLS options, rejects with the error of Node.js if it cannot listen.
 */
export function startFaultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  const server = new FaultServer(readOptions<FaultServerOptions>('options', options, checks));
  return server.listen().then(() => server);
}

/** A server under the control of a test; made by {@link startFaultServer}. */
export class FaultServer {
  readonly #keepBytes: number;
  readonly #connections: ServerConnection[] = [];
  readonly #conditions = new Conditions();
  readonly #listener: Listener;
  readonly #tls: TlsScript;
  readonly #ticketKeys = randomBytes(48);
  #script: Script;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(options: FaultServerOptions) {
    const { tls } = options;
    if (typeof tls === 'object') createServer(tls);
    this.#tls = typeof tls === 'function' ? tls : () => tls;
    this.#script = options.script ?? (() => echo());
    this.#keepBytes = options.keepBytes ?? 1_048_576;
    this.#listener = new Listener(toListenEndpoint(options), (socket) => this.#onConnection(socket));
  }

  /** What to dial: `{ host, port }` or `{ path }`; the same for the whole life of the server. */
  get endpoint(): Endpoint {
    return this.#listener.endpoint;
  }

  /** The address it listens on. Throws if that is a path. */
  get host(): string {
    return requirePort(this.endpoint).host;
  }

  /** The port; the same for the whole life of the server. Throws if it listens on a path. */
  get port(): number {
    return requirePort(this.endpoint).port;
  }

  /** How connections are treated; a new script holds for those accepted from then on. What it throws is not caught. */
  get script(): Script {
    return this.#script;
  }

  set script(script: Script) {
    callable('script', script);
    this.#script = script;
  }

  /** Every connection so far, also the closed ones, in order of acceptance: number n is at n - 1. */
  get connections(): readonly ServerConnection[] {
    return this.#connections;
  }

  /** Those whose TLS handshake has failed, in order of acceptance; their `error` says why. */
  get failedHandshakes(): readonly ServerConnection[] {
    return this.#connections.filter(({ handshake }) => handshake === 'failed');
  }

  /** How many connections have been accepted. */
  get accepted(): number {
    return this.#connections.length;
  }

  /**
   * Resolves with connection number n once it is accepted and its TLS handshake, if any, is over: done, or failed. The
   * number is that of the TCP connection, whatever becomes of its handshake. Rejects with a ClosedError if the server
   * closes before.
   */
  accept(n: number): Promise<ServerConnection> {
    integerFrom(1, Number.MAX_SAFE_INTEGER)('n', n);
    return this.#conditions.wait(`waiting for connection ${n}`, () => {
      const connection = this.#connections[n - 1];
      return connection?.handshake === 'pending' ? undefined : connection;
    });
  }

  /** Ends every open connection, or resets it. The server goes on listening. */
  dropAll(how: Finish): void {
    oneOf('end', 'reset')('how', how);
    for (const connection of this.#connections) if (connection.open) connection[how]();
  }

  /**
   * Refuses dials until {@link listen}, and keeps the port for it. Open connections stay open; dials that the kernel
   * has completed but the server has not accepted yet are reset. Of a Unix socket it leaves a `'stale'` file (dials get
   * `ECONNREFUSED`), as a server does that was killed, or a `'missing'` one (`ENOENT`), as one that was stopped; where it
   * refuses already, this changes the one into the other. A port, and a pipe of Windows, have no file.
   */
  refuse(left: FileLeft = 'stale'): Promise<void> {
    oneOf('stale', 'missing')('left', left);
    return this.#closing ? this.close() : this.#listener.shut(left);
  }

  /** Listens (again), on the same port or path; does nothing if it does already. Rejects once the server is closed. */
  async listen(): Promise<void> {
    if (this.#closing) throw new ClosedError(`the server of ${formatEndpoint(this.endpoint)} is closed`);
    await this.#listener.open();
  }

  /** Stops listening and drops every connection; resolves once all are gone. Calling it again does nothing more. */
  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  /** `await using`: closes. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shut(): Promise<void> {
    const shut = this.#listener.close();
    this.#conditions.end('the server has closed');
    for (const connection of this.#connections) connection.destroy();
    await Promise.all(this.#connections.map(({ closed }) => closed));
    await shut;
  }

  #onConnection(raw: Socket): void {
    const number = this.#connections.length + 1;
    const connection = new ServerConnection(number, raw, this.#keepBytes);
    this.#connections.push(connection);
    const plan = toFaultPlan(this.#script(number));
    const options = this.#tls(number);
    if (options) this.#secure(connection, plan, options);
    else runFaults(connection, plan);
    this.#conditions.check();
  }

  #secure(connection: ServerConnection, plan: FaultPlan, options: TlsOptions): void {
    const raw = connection.socket;
    connection.shaking();
    acceptTls(raw, { ticketKeys: this.#ticketKeys, ...options }, (tls, error) => {
      connection.shaken(tls, error);
      if (!error) runFaults(connection, plan);
      this.#conditions.check();
    });
  }
}
