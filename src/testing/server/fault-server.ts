import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import { callable, integerFrom, oneOf, readOptions } from '../../primitives/checks.js';
import { type Endpoint, formatEndpoint } from '../../primitives/endpoint.js';
import { ClosedError } from '../../primitives/errors.js';
import { type FileLeft, Listener, requirePort, toListenEndpoint } from '../listen/index.js';
import { AcceptedSocket } from './accepted-socket.js';
import { Conditions } from './conditions.js';
import { toFaultPlan } from './fault-plan.js';
import { type FaultServerOptions, optionChecks, type Script } from './fault-server-options.js';
import { echo } from './faults.js';
import { Inbox } from './inbox.js';
import { runFaults } from './run-faults.js';
import { ServerConnection } from './server-connection.js';
import { acceptTls, type TlsScript } from './tls-layer.js';
import type { Finish } from './wire.js';

/**
 * Starts a server that misbehaves as its script says, over TCP or a Unix socket, plain or with TLS. A fault happens at a
 * connection number and a byte offset, never at a time, so a test that uses it can be repeated.
 *
 * Resolves once the server listens. Throws an OptionError for a wrong option and the error of Node.js for wrong TLS
 * options. Rejects with the error of Node.js if it cannot listen.
 *
 * @example
 * ```ts
 * import { connect } from 'connman';
 * import { echo, resetAt, startFaultServer } from 'connman/testing';
 *
 * await using server = await startFaultServer({ script: (n) => (n === 1 ? resetAt(5) : echo()) });
 * await using connection = connect(server.port, server.host, {
 *   onConnect: (socket) => socket.write('hello'),
 *   onReset: (reset) => console.log(reset.code),
 *   onReconnect: (socket) => socket.write('hello again'),
 * });
 * const second = await server.accept(2);
 * console.log(String(await second.until('again')));
 * ```
 */
export function startFaultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  const server = new FaultServer(readOptions<FaultServerOptions>('options', options, optionChecks));
  return server.listen().then(() => server);
}

/**
 * A server that a test controls; made by {@link startFaultServer}.
 *
 * @example
 * ```ts
 * import { silent, startFaultServer } from 'connman/testing';
 *
 * await using server = await startFaultServer();
 * server.script = () => silent(); // for the connections accepted from now on
 * server.dropAll('reset');
 * await server.refuse();
 * await server.listen(); // on the same port
 * console.log(server.endpoint, server.accepted);
 * ```
 */
export class FaultServer {
  readonly #keepBytes: number;
  readonly #sockets: AcceptedSocket[] = [];
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

  /** The endpoint to dial, `{ host, port }` or `{ path }`; the same for the whole life of the server. */
  get endpoint(): Endpoint {
    return this.#listener.endpoint;
  }

  /** The address on which it listens. Throws if it listens on a path. */
  get host(): string {
    return requirePort(this.endpoint).host;
  }

  /** The port; the same for the whole life of the server. Throws if it listens on a path. */
  get port(): number {
    return requirePort(this.endpoint).port;
  }

  /**
   * The faults of each connection. A new script applies to the connections accepted from then on. An error that it throws
   * is not caught.
   */
  get script(): Script {
    return this.#script;
  }

  set script(script: Script) {
    callable('script', script);
    this.#script = script;
  }

  /** Every connection so far, also the closed ones, in order of acceptance: connection number n is at index n - 1. */
  get connections(): readonly ServerConnection[] {
    return this.#connections;
  }

  /** The connections whose TLS handshake has failed, in order of acceptance; their `error` says why. */
  get failedHandshakes(): readonly ServerConnection[] {
    return this.#connections.filter(({ handshake }) => handshake === 'failed');
  }

  /** The number of connections accepted so far. */
  get accepted(): number {
    return this.#connections.length;
  }

  /**
   * Resolves with connection number n once it is accepted and its TLS handshake, if any, is done or has failed. A
   * connection whose handshake fails counts too. Rejects with a ClosedError if the server closes before. Throws an
   * OptionError unless `n` is a whole number from 1.
   */
  accept(n: number): Promise<ServerConnection> {
    integerFrom(1, Number.MAX_SAFE_INTEGER)('n', n);
    return this.#conditions.wait(`waiting for connection ${n}`, () => {
      const connection = this.#connections[n - 1];
      return connection?.handshake === 'pending' ? undefined : connection;
    });
  }

  /** Ends (`'end'`) or resets (`'reset'`) every open connection. The server continues to listen. */
  dropAll(how: Finish): void {
    oneOf('end', 'reset')('how', how);
    for (const connection of this.#connections) if (connection.open) connection[how]();
  }

  /**
   * Refuses dials until {@link listen}, and reserves the port. Open connections stay open. Dials that the kernel has
   * completed but the server has not accepted yet are reset. Resolves once dials are refused.
   *
   * At the path of a Unix socket it leaves a `'stale'` file (the default; dials fail with `ECONNREFUSED`), as a killed
   * server does, or a `'missing'` one (`ENOENT`), as a stopped server does. A second call changes one into the other. A
   * port and a pipe of Windows have no file.
   */
  refuse(left: FileLeft = 'stale'): Promise<void> {
    oneOf('stale', 'missing')('left', left);
    return this.#closing ? this.close() : this.#listener.refuse(left);
  }

  /**
   * Listens again, on the same port or path; does nothing if the server listens already. Rejects with a ClosedError after
   * {@link close}.
   */
  async listen(): Promise<void> {
    if (this.#closing) throw new ClosedError(`the server of ${formatEndpoint(this.endpoint)} is closed`);
    await this.#listener.listen();
  }

  /** Stops listening and drops every connection; resolves once all are closed. Further calls return the same promise. */
  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  /** Calls {@link close}; for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shut(): Promise<void> {
    const shut = this.#listener.close();
    this.#conditions.end('the server has closed');
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#sockets.map(({ closed }) => closed));
    await shut;
  }

  #onConnection(raw: Socket): void {
    const inbox = new Inbox(this.#keepBytes);
    const accepted = new AcceptedSocket(raw, inbox);
    const number = this.#sockets.push(accepted);
    const connection = new ServerConnection(number, accepted, inbox);
    this.#connections.push(connection);
    const plan = toFaultPlan(this.#script(number));
    const tls = this.#tls(number);
    if (tls) this.#secure(raw, accepted, tls, () => runFaults(connection, plan));
    else runFaults(connection, plan);
    this.#conditions.check();
  }

  #secure(raw: Socket, accepted: AcceptedSocket, options: TlsOptions, onSecure: () => void): void {
    accepted.beginHandshake();
    acceptTls(raw, { ticketKeys: this.#ticketKeys, ...options }, (tls, error) => {
      accepted.finishHandshake(tls, error);
      if (!error) onSecure();
      this.#conditions.check();
    });
  }
}
