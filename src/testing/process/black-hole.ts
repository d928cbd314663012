import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { readOptions, filledString, integerFrom } from '../../primitives/checks.js';
import { type Child, startChild } from './child.js';
import { nextPoll } from '../listen/next-poll.js';
import { requireStopSignal } from './stopped-child.js';

/** Options of {@link startBlackHole}. */
export interface BlackHoleOptions {
  /** The address to listen on. Default: '127.0.0.1'. */
  readonly host?: string;
  /** The port to listen on. Default: 0, which takes a free one. */
  readonly port?: number;
}

const checks = { host: filledString, port: integerFrom(0, 65_535) };

/** The shortest queue of completed dials there is: Node.js takes 0 for "the default". */
const backlog = 1;

/** How many dials Linux completes before its queue is full: it lets one more in than asked. */
const surelyTaken = process.platform === 'linux' ? backlog + 1 : 0;

/** Where a dial has not succeeded after so many polls, it hangs: on one machine the kernel completes it at once. */
const polls = 500;

/** No kernel takes more dials than this with a backlog of 1. */
const mostTaken = 64;

/**
 * Starts a server to which a dial hangs: no answer to the SYN, no error, as behind a firewall that drops packets. It
 * is a process of its own, stopped, with the queue of the kernel full. The process ends with this one. Resolves once
 * dials hang. Throws an OptionError for a wrong option, and an Error on Windows.
 */
export function startBlackHole(options: BlackHoleOptions = {}): Promise<BlackHole> {
  const { host = '127.0.0.1', port = 0 } = readOptions<BlackHoleOptions>('options', options, checks);
  requireStopSignal('startBlackHole()');
  return dig(host, port);
}

async function dig(host: string, port: number): Promise<BlackHole> {
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

/** Dials until one hangs; those that succeeded fill the queue. */
async function fill(child: Child, fillers: Socket[]): Promise<void> {
  const filler = connect({ host: child.address, port: child.port });
  const taken = once(filler, 'connect').then(() => true);
  fillers.push(filler);
  const isTaken = await (fillers.length <= surelyTaken ? taken : Promise.race([taken, hangs(filler)]));
  if (fillers.length > mostTaken) throw new Error('the queue of the kernel does not fill up');
  if (isTaken) return fill(child, fillers);
  taken.catch(() => {});
  fillers.pop()?.destroy();
}

async function hangs(socket: Socket, left = polls): Promise<false> {
  if (left === 0 || !socket.connecting) return false;
  await nextPoll();
  return hangs(socket, left - 1);
}

/** A port where dials hang; made by {@link startBlackHole}. */
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

  /** The id of the process. */
  get pid(): number {
    return this.#child.pid;
  }

  /**
   * Turns it into a healthy echo server for good; resolves once that answers. New dials succeed at once, hanging ones
   * when their kernel sends the SYN again: on Linux about 1, 3, 7… seconds after the first.
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
   * Kills it; resolves once it is gone. Dials that hang are refused when their kernel sends the SYN again. Calling it
   * again does nothing more.
   */
  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  /** `await using`: closes. */
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
