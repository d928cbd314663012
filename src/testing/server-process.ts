import { readOptions, filledString, integerFrom, oneOf } from '../primitives/checks.js';
import { ClosedError } from '../primitives/errors.js';
import { type Child, startChild } from './child.js';
import type { ChildOrder, ChildScript } from './child-source.js';
import { keepPort, type Release } from './port-keeper.js';
import { needsStop } from './stopped-child.js';
import { Closable } from './closable.js';

/** Options of {@link startServerProcess}. */
export interface ServerProcessOptions {
  /** The address to listen on. Default: '127.0.0.1'. */
  readonly host?: string;
  /** The port to listen on. Default: 0, which takes a free one. */
  readonly port?: number;
  /** Whether it sends back what it reads or only reads; both answer a FIN with a FIN. Default: 'echo'. */
  readonly script?: ChildScript;
}

const checks = { host: filledString, port: integerFrom(0, 65_535), script: oneOf('echo', 'silent') };

/**
 * Starts a server in a process of its own, which can be killed, started again on the same port, and stopped. The
 * process ends with this one. Resolves once it listens. Throws an OptionError for a wrong option, rejects with the
 * error of Node.js if it cannot listen.
 */
export function startServerProcess(options: ServerProcessOptions = {}): Promise<ServerProcess> {
  const own = readOptions<ServerProcessOptions>('options', options, checks);
  const { host = '127.0.0.1', port = 0, script = 'echo' } = own;
  const order = { host, port, script, backlog: 511 };
  return startChild(order).then((child) => new ServerProcess(order, child));
}

/** A server in a process of its own; made by {@link startServerProcess}. Await each call before the next one. */
export class ServerProcess extends Closable {
  /** The address it listens on. */
  readonly host: string;
  /** The port; the same after every restart. */
  readonly port: number;
  readonly #order: ChildOrder;
  #child: Child;
  #running = true;
  #release: Release | undefined;

  /** @internal */
  constructor(order: ChildOrder, child: Child) {
    super();
    this.host = order.host;
    this.port = child.port;
    this.#order = { ...order, port: child.port };
    this.#child = child;
  }

  /** The id of the process that runs, or was the last to run. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Kills it (`kill -9`); resolves once it is gone: from then on dials are refused, and the port is kept. */
  async kill(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    await this.#child.kill();
    if (!this.isClosing) this.#release = await keepPort(this.#child.address, this.port);
  }

  /** Starts it (again) on the same port, after a kill if it still runs; resolves once it listens. */
  async restart(): Promise<void> {
    if (this.isClosing) throw new ClosedError(`the server process of port ${this.port} is closed`);
    await this.kill();
    await this.#letGo();
    this.#child = await startChild(this.#order);
    this.#running = true;
  }

  /** Stops it (SIGSTOP): the kernel still completes dials and takes bytes, nobody answers. Throws on Windows. */
  async stop(): Promise<void> {
    needsStop('stop()');
    await this.#child.stop();
  }

  /** Lets it continue after {@link stop} (SIGCONT); takes effect at the call. */
  async cont(): Promise<void> {
    await this.#child.cont();
  }

  /** Kills it for good; resolves once it is gone. */
  protected override async shut(): Promise<void> {
    await this.kill();
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    await this.#release?.();
    this.#release = undefined;
  }
}
