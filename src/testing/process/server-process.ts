import { rmSync } from 'node:fs';
import { createServer, type TlsOptions } from 'node:tls';
import { filledString, integerFrom, oneOf, readOptions, socketPath } from '../../primitives/checks.js';
import { type Endpoint, formatEndpoint } from '../../primitives/endpoint.js';
import { ClosedError, OptionError } from '../../primitives/errors.js';
import {
  hasFile,
  type PortReservation,
  requirePort,
  reservePort,
  toListenEndpoint,
} from '../listen/index.js';
import type { ChildScript, ChildSettings } from './child-source.js';
import { type Child, startChild } from './child.js';
import { requireStopSignal } from './stopped-child.js';

/** Options of {@link startServerProcess}. */
export interface ServerProcessOptions {
  /** The address to listen on. Default: '127.0.0.1'. */
  readonly host?: string;
  /** The port to listen on. Default: 0, which takes a free one. */
  readonly port?: number;
  /**
   * The path of a Unix socket (on Windows, of a named pipe) to listen on, instead of host and port. If a file exists
   * there, listening fails with `EADDRINUSE`.
   */
  readonly path?: string;
  /**
   * Options of `tls.createServer()`, without functions; every connection speaks TLS then. A restarted process does not
   * know the sessions of the one before, unless `ticketKeys` are given. Default: plain connections.
   */
  readonly tls?: TlsOptions;
  /**
   * `'echo'` sends back what it reads, `'silent'` only reads. Both answer a FIN with a FIN. Default: 'echo'.
   */
  readonly script?: ChildScript;
}

const checks = {
  host: filledString,
  port: integerFrom(0, 65_535),
  path: socketPath,
  tls: checkTls,
  script: oneOf('echo', 'silent'),
};

function checkTls(name: string, value: unknown): void {
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isPlain && Object.values(value).every((option) => typeof option !== 'function')) return;
  throw new OptionError(name, 'options of tls.createServer() without functions', value);
}

/**
 * Starts a server in a child process, which a test can kill, restart on the same port or path, and stop. The child dies
 * with this process.
 *
 * Resolves once the server listens. Throws an OptionError for a wrong option and the error of Node.js for wrong TLS
 * options. Rejects with the error of Node.js if it cannot listen.
 *
 * @example
 * ```ts
 * import { connect } from 'connman';
 * import { startServerProcess } from 'connman/testing';
 *
 * await using server = await startServerProcess();
 * await using connection = connect(server.port, server.host, {
 *   onConnect: () => console.log('up'),
 *   onReset: (reset) => console.log('down', reset.code),
 *   onReconnect: () => console.log('up again'),
 * });
 * await connection.ready();
 * await server.kill();
 * await server.restart();
 * await connection.ready();
 * ```
 */
export function startServerProcess(options: ServerProcessOptions = {}): Promise<ServerProcess> {
  const own = readOptions<ServerProcessOptions>('options', options, checks);
  const { script = 'echo', tls } = own;
  if (tls) createServer(tls);
  const settings = { endpoint: toListenEndpoint(own), script, ...(tls && { tls }), backlog: 511 };
  return startChild(settings).then((child) => new ServerProcess(settings, child));
}

/**
 * A server in a child process; made by {@link startServerProcess}. Await each call before the next one.
 *
 * @example
 * ```ts
 * import { startServerProcess } from 'connman/testing';
 *
 * await using server = await startServerProcess({ script: 'silent' });
 * await server.stop(); // dials succeed, but nothing is read
 * await server.cont();
 * await server.kill(); // dials are refused, the port stays reserved
 * await server.restart();
 * console.log(server.endpoint);
 * ```
 */
export class ServerProcess {
  /** The endpoint to dial, `{ host, port }` or `{ path }`; the same after every restart. */
  readonly endpoint: Endpoint;
  readonly #settings: ChildSettings;
  #child: Child;
  #isRunning = true;
  #reservation: PortReservation | undefined;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(settings: ChildSettings, child: Child) {
    const { host, path } = settings.endpoint;
    this.endpoint = Object.freeze(path === undefined ? { host, port: child.port } : { path });
    this.#settings = { ...settings, endpoint: this.endpoint };
    this.#child = child;
  }

  /** The address on which it listens. Throws if it listens on a path. */
  get host(): string {
    return requirePort(this.endpoint).host;
  }

  /** The port; the same after every restart. Throws if it listens on a path. */
  get port(): number {
    return requirePort(this.endpoint).port;
  }

  /** The id of the child process, or of the last one after a kill. */
  get pid(): number {
    return this.#child.pid;
  }

  /**
   * Kills the child (SIGKILL); resolves once it has exited. From then on dials are refused. The port stays reserved; the
   * file of a Unix socket stays and is stale.
   */
  async kill(): Promise<void> {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    await this.#child.kill();
    const { path, port } = this.endpoint;
    if (path === undefined && !this.#closing)
      this.#reservation = await reservePort(this.#child.address, port);
  }

  /**
   * Starts a new child on the same port or path; kills the present one first if it runs. Resolves once the new child
   * listens. Rejects with a ClosedError after {@link close}.
   */
  async restart(): Promise<void> {
    if (this.#closing)
      throw new ClosedError(`the server process of ${formatEndpoint(this.endpoint)} is closed`);
    await this.kill();
    await this.#release();
    this.#child = await startChild(this.#settings);
    this.#isRunning = true;
  }

  /**
   * Stops the child (SIGSTOP); resolves once it has stopped. The kernel still completes dials and takes bytes; the server
   * answers nothing. Rejects on Windows.
   */
  async stop(): Promise<void> {
    requireStopSignal('stop()');
    await this.#child.stop();
  }

  /** Lets the child continue after {@link stop} (SIGCONT). The signal is sent before the call returns. */
  async cont(): Promise<void> {
    await this.#child.cont();
  }

  /**
   * Kills the child for good; resolves once it has exited and the file of its Unix socket is removed. Further calls
   * return the same promise.
   */
  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  /** Calls {@link close}; for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shut(): Promise<void> {
    await this.kill();
    await this.#release();
  }

  /** Ends the reservation of the port, or removes the stale file. */
  async #release(): Promise<void> {
    const { path } = this.endpoint;
    if (path !== undefined && hasFile(path)) rmSync(path, { force: true });
    await this.#reservation?.release();
    this.#reservation = undefined;
  }
}
