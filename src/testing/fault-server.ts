import type { Socket } from 'node:net';
import { callable, readOptions, filledString, integerFrom, oneOf } from '../primitives/checks.js';
import { ClosedError } from '../primitives/errors.js';
import { Door } from './door.js';
import { echo, type Fault } from './faults.js';
import type { Finish } from './wire.js';
import { planOf } from './plan.js';
import { play } from './play.js';
import { ServerConnection } from './server-connection.js';
import { Waits } from './waits.js';
import { Closable } from './closable.js';

/** Says how the server treats connection number n (from 1, in order of acceptance). Called once per connection. */
export type Script = (connection: number) => Fault | readonly Fault[];

/** Options of {@link startFaultServer}. */
export interface FaultServerOptions {
  /** The address to listen on. Default: '127.0.0.1'. */
  readonly host?: string;
  /** The port to listen on. Default: 0, which takes a free one. */
  readonly port?: number;
  /** Default: `echo()` for every connection. */
  readonly script?: Script;
  /** How many of the first bytes of each connection are kept to be looked at. Default: 1 MiB. */
  readonly keepBytes?: number;
}

const checks = {
  host: filledString,
  port: integerFrom(0, 65_535),
  script: callable,
  keepBytes: integerFrom(0, 2 ** 30),
};

/**
 * Starts a TCP server that misbehaves as told: the fault is chosen by the number of the connection and by byte
 * offset, never by the clock. Resolves once it listens. Throws an OptionError for a wrong option, rejects with the
 * error of Node.js if it cannot listen.
 */
export function startFaultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  const server = new FaultServer(readOptions<FaultServerOptions>('options', options, checks));
  return server.listen().then(() => server);
}

/** A server under the control of a test; made by {@link startFaultServer}. */
export class FaultServer extends Closable {
  /** The address it listens on. */
  readonly host: string;
  readonly #keepBytes: number;
  readonly #connections: ServerConnection[] = [];
  readonly #waits = new Waits();
  readonly #door: Door;
  #script: Script;

  /** @internal */
  constructor(options: FaultServerOptions) {
    super();
    this.host = options.host ?? '127.0.0.1';
    this.#script = options.script ?? (() => echo());
    this.#keepBytes = options.keepBytes ?? 1_048_576;
    this.#door = new Door(this.host, options.port ?? 0, (socket) => this.#welcome(socket));
  }

  /** The port; the same for the whole life of the server. */
  get port(): number {
    return this.#door.port;
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

  /** How many connections have been accepted. */
  get accepted(): number {
    return this.#connections.length;
  }

  /** Resolves with connection number n once it is accepted. Rejects with a ClosedError if the server closes before. */
  accept(n: number): Promise<ServerConnection> {
    integerFrom(1, Number.MAX_SAFE_INTEGER)('n', n);
    return this.#waits.wait(`waiting for connection ${n}`, () => this.#connections[n - 1]);
  }

  /** Ends every open connection, or resets it. The server goes on listening. */
  dropAll(how: Finish): void {
    oneOf('end', 'reset')('how', how);
    for (const connection of this.#connections) if (connection.open) connection[how]();
  }

  /**
   * Refuses dials until {@link listen}, and keeps the port for it. Open connections stay open; dials that the kernel
   * has completed but the server has not accepted yet are reset.
   */
  refuse(): Promise<void> {
    return this.#door.shut();
  }

  /** Listens (again), on the same port; does nothing if it does already. Rejects once the server is closed. */
  async listen(): Promise<void> {
    if (this.isClosing) throw new ClosedError(`the server of port ${this.port} is closed`);
    await this.#door.open();
  }

  /** Stops listening and drops every connection; resolves once all are gone. */
  protected override async shut(): Promise<void> {
    const shut = this.#door.close();
    this.#waits.end('the server has closed');
    for (const connection of this.#connections) connection.socket.destroy();
    await shut;
  }

  #welcome(socket: Socket): void {
    const number = this.#connections.length + 1;
    const connection = new ServerConnection(number, socket, this.#keepBytes);
    this.#connections.push(connection);
    play(connection, planOf(this.#script(number)));
    this.#waits.check();
  }
}
