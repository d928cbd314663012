import { rmSync } from 'node:fs';
import { createServer, type TlsOptions } from 'node:tls';
import { filledString, integerFrom, oneOf, readOptions, socketPath } from '../../primitives/checks.js';
import { type Endpoint, formatEndpoint } from '../../primitives/endpoint.js';
import { ClosedError, OptionError } from '../../primitives/errors.js';
import { toListenEndpoint, requirePort } from '../listen/listen-options.js';
import { type Child, startChild } from './child.js';
import type { ChildSettings, ChildScript } from './child-source.js';
import { hasFile } from '../listen/path-address.js';
import { reservePort, type PortReservation } from '../listen/port-reservation.js';
import { requireStopSignal } from './stopped-child.js';

/** Options of {@link startServerProcess}. */
export interface ServerProcessOptions {
  /** The address to listen on. Default: '127.0.0.1'. */
  readonly host?: string;
  /** The port to listen on. Default: 0, which takes a free one. */
  readonly port?: number;
  /** The path of a Unix socket to listen on, instead of host and port; see the same option of the fault server. */
  readonly path?: string;
  /**
   * Options of `tls.createServer()`, without functions: all connections speak TLS. A restarted process knows no session
   * of the one before, unless `ticketKeys` are given. Default: plain.
   */
  readonly tls?: TlsOptions;
  /** Whether it sends back what it reads or only reads; both answer a FIN with a FIN. Default: 'echo'. */
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
 * Starts a server in a process of its own, which can be killed, started again on the same port or path, and stopped. The
 * process ends with this one. Resolves once it listens. Throws an OptionError for a wrong option and the error of Node.js
 * for wrong TLS options, rejects with the error of Node.js if it cannot listen.
 */
export function startServerProcess(options: ServerProcessOptions = {}): Promise<ServerProcess> {
  const own = readOptions<ServerProcessOptions>('options', options, checks);
  const { script = 'echo', tls } = own;
  if (tls) createServer(tls);
  const order = { endpoint: toListenEndpoint(own), script, ...(tls && { tls }), backlog: 511 };
  return startChild(order).then((child) => new ServerProcess(order, child));
}

/** A server in a process of its own; made by {@link startServerProcess}. Await each call before the next one. */
export class ServerProcess {
  /** What to dial: `{ host, port }` or `{ path }`; the same after every restart. */
  readonly endpoint: Endpoint;
  readonly #order: ChildSettings;
  #child: Child;
  #running = true;
  #release: PortReservation | undefined;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(order: ChildSettings, child: Child) {
    const { host, path } = order.endpoint;
    this.endpoint = Object.freeze(path === undefined ? { host, port: child.port } : { path });
    this.#order = { ...order, endpoint: this.endpoint };
    this.#child = child;
  }

  /** The address it listens on. Throws if that is a path. */
  get host(): string {
    return requirePort(this.endpoint).host;
  }

  /** The port; the same after every restart. Throws if it listens on a path. */
  get port(): number {
    return requirePort(this.endpoint).port;
  }

  /** The id of the process that runs, or was the last to run. */
  get pid(): number {
    return this.#child.pid;
  }

  /**
   * Kills it (`kill -9`); resolves once it is gone: from then on dials are refused. The port is kept; the file of a Unix
   * socket stays, stale.
   */
  async kill(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    await this.#child.kill();
    const { path, port } = this.endpoint;
    if (path === undefined && !this.#closing) this.#release = await reservePort(this.#child.address, port);
  }

  /** Starts it (again) on the same port or path, after a kill if it still runs; resolves once it listens. */
  async restart(): Promise<void> {
    if (this.#closing)
      throw new ClosedError(`the server process of ${formatEndpoint(this.endpoint)} is closed`);
    await this.kill();
    await this.#letGo();
    this.#child = await startChild(this.#order);
    this.#running = true;
  }

  /** Stops it (SIGSTOP): the kernel still completes dials and takes bytes, nobody answers. Throws on Windows. */
  async stop(): Promise<void> {
    requireStopSignal('stop()');
    await this.#child.stop();
  }

  /** Lets it continue after {@link stop} (SIGCONT); takes effect at the call. */
  async cont(): Promise<void> {
    await this.#child.cont();
  }

  /** Kills it for good; resolves once it is gone, and the file of its Unix socket too. Calling it again does nothing more. */
  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  /** `await using`: closes. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shut(): Promise<void> {
    await this.kill();
    await this.#letGo();
  }

  /** Lets go of the port that is kept, or removes the stale file. */
  async #letGo(): Promise<void> {
    const { path } = this.endpoint;
    if (path !== undefined && hasFile(path)) rmSync(path, { force: true });
    await this.#release?.();
    this.#release = undefined;
  }
}
