import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { filledString, integerFrom, readOptions } from '../../primitives/checks.js';
import { nextPoll } from '../listen/index.js';
import { type Child, startChild } from './child.js';
import { requireStopSignal } from './stopped-child.js';

/** Options of {@link startBlackHole}. */
export interface BlackHoleOptions {
  /** The address to listen on. Default: '127.0.0.1'. */
  readonly host?: string;
  /** The port to listen on. Default: 0, which takes a free one. */
  readonly port?: number;
}

const checks = { host: filledString, port: integerFrom(0, 65_535) };

/** The shortest queue of completed dials: Node.js takes 0 for its default. */
const backlog = 1;

/** The number of dials that the kernel surely completes. Linux completes one more than the backlog. */
const certainConnects = process.platform === 'linux' ? backlog + 1 : 0;

/** A dial that has not succeeded after this many polls hangs: within one machine the kernel completes a dial at once. */
const pollsUntilHung = 500;

/** No kernel completes more dials than this with a backlog of 1. */
const maxConnects = 64;

/**
 * Starts a server to which every dial hangs: the SYN gets no answer and the dial no error, as behind a firewall that
 * drops packets. The server is a stopped child process whose accept queue is full. The child dies with this process.
 *
 * Resolves once dials hang. Throws an OptionError for a wrong option, and an Error on Windows, which cannot stop a
 * process.
 *
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import { connect } from 'node:net';
 * import { startBlackHole } from 'connman/testing';
 *
 * await using hole = await startBlackHole();
 * const socket = connect(hole.port, hole.host);
 * socket.setTimeout(1_000, () => socket.destroy(new Error('no answer within a second')));
 * const [error] = await once(socket, 'error');
 * console.log(error);
 * ```
 */
export function startBlackHole(options: BlackHoleOptions = {}): Promise<BlackHole> {
  const { host = '127.0.0.1', port = 0 } = readOptions<BlackHoleOptions>('options', options, checks);
  requireStopSignal('startBlackHole()');
  return start(host, port);
}

async function start(host: string, port: number): Promise<BlackHole> {
  const child = await startChild({ endpoint: { host, port }, backlog, script: 'echo' });
  const fillers: Socket[] = [];
  try {
    await child.stop();
    await fill(child, fillers);
  } catch (error) {
    for (const filler of fillers) filler.destroy();
    await child.kill();
    throw error;
  }
  return new BlackHole(host, child, fillers);
}

/** Dials until one dial hangs. The connections before it fill the queue. */
async function fill(child: Child, fillers: Socket[]): Promise<void> {
  const filler = connect({ host: child.address, port: child.port });
  const connected = once(filler, 'connect').then(() => true);
  fillers.push(filler);
  const isConnected = await (fillers.length <= certainConnects
    ? connected
    : Promise.race([connected, hangs(filler)]));
  if (fillers.length > maxConnects) throw new Error('the queue of the kernel does not fill up');
  if (isConnected) return fill(child, fillers);
  connected.catch(() => {});
  fillers.pop()?.destroy();
}

async function hangs(socket: Socket, pollsLeft = pollsUntilHung): Promise<false> {
  if (pollsLeft === 0 || !socket.connecting) return false;
  await nextPoll();
  return hangs(socket, pollsLeft - 1);
}

/**
 * A port to which every dial hangs; made by {@link startBlackHole}.
 *
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import { connect } from 'node:net';
 * import { startBlackHole } from 'connman/testing';
 *
 * await using hole = await startBlackHole();
 * await hole.open(); // from now on it is an echo server
 * const socket = connect(hole.port, hole.host);
 * await once(socket, 'connect');
 * socket.destroy();
 * ```
 */
export class BlackHole {
  /** The address to dial. */
  readonly host: string;
  /** The port to dial. */
  readonly port: number;
  readonly #child: Child;
  #fillers: readonly Socket[];
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(host: string, child: Child, fillers: readonly Socket[]) {
    this.host = host;
    this.port = child.port;
    this.#child = child;
    this.#fillers = fillers;
    for (const filler of fillers) filler.on('error', () => {});
  }

  /** The id of the child process. */
  get pid(): number {
    return this.#child.pid;
  }

  /**
   * Turns the black hole into a healthy echo server; it cannot become a black hole again. Resolves once the server
   * answers. New dials succeed at once. A hanging dial succeeds when its kernel sends the SYN again: on Linux about 1, 3,
   * 7… seconds after the first.
   */
  async open(): Promise<void> {
    const [filler] = this.#fillers;
    if (!filler || this.#closing) return;
    await this.#child.cont();
    filler.write('?');
    await once(filler, 'data');
    this.#dropFillers();
  }

  /**
   * Kills the child process; resolves once it has exited. A hanging dial is refused when its kernel sends the SYN again.
   * Further calls return the same promise.
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
    this.#dropFillers();
    await this.#child.kill();
  }

  #dropFillers(): void {
    for (const filler of this.#fillers) filler.destroy();
    this.#fillers = [];
  }
}
