import type { Connection, DialFailure, Handler, ManagedSocket, Reset } from '../../index.js';
import { Deferred } from '../../primitives/deferred.js';
import { causeText } from '../shell/cause.js';
import type { Colour } from '../shell/output.js';
import { formatCount, formatDuration } from '../shell/text.js';
import type { Terminal } from '../shell/terminal.js';
import { Amount, LineQueue } from './line-queue.js';

/** How many bytes are written at once. */
const batch = 16_384;

/** Where what is sent comes from. */
export type Input = Pick<NodeJS.ReadStream, 'on' | 'pause' | 'resume' | 'destroy'>;

/**
 * Connects an input to a connection, and the connection to the output. The input is not read before the first life. While the
 * link is down it is held, or read and dropped. What was written before the end of a life is never written again.
 */
export class Pipe implements Handler {
  readonly #name: string;
  readonly #holds: boolean;
  readonly #input: Input;
  readonly #terminal: Terminal;
  readonly #queue: LineQueue;
  /** What was written since the peer was last heard. */
  readonly #inFlight = new Amount();
  /** What was read while the link was down, and is not sent. */
  readonly #dropped = new Amount();
  readonly #closed = new Deferred();
  #socket: ManagedSocket | undefined;
  #isUp = false;
  /** The socket takes no more at present. */
  #isFull = false;
  #hasEnded = false;
  #isStopping = false;
  #hasLost = false;
  #failure = '';

  constructor(name: string, holds: boolean, input: Input, terminal: Terminal) {
    this.#name = name;
    this.#holds = holds;
    this.#input = input;
    this.#terminal = terminal;
    this.#queue = new LineQueue(!holds);
  }

  /** Resolves when the connection is closed. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Whether something that was read did not arrive, as far as is known. */
  get hasLost(): boolean {
    return this.#hasLost;
  }

  onConnect(socket: ManagedSocket, connection: Connection): void {
    const isFirst = connection.life === 1;
    this.#socket = socket;
    this.#isUp = true;
    this.#isFull = false;
    this.#failure = '';
    this.#say('green', `connected to ${this.#name}, life ${connection.life}`);
    if (this.#dropped.bytes > 0) {
      this.#say('yellow', `${describe(this.#dropped)} read while the link was down: not sent`);
      this.#dropped.clear();
    }
    if (isFirst) this.#begin(connection);
    this.#pump();
  }

  onData(chunk: Buffer): void {
    this.#inFlight.clear();
    const { stream } = this.#terminal.out;
    const socket = this.#socket;
    if (stream.write(chunk) || !socket) return;
    socket.pause();
    stream.once('drain', () => this.#socket?.resume());
  }

  onDrain(): void {
    this.#isFull = false;
    this.#pump();
  }

  onReset(reset: Reset, connection: Connection): void {
    this.#isUp = false;
    const isDone = this.#hasEnded && this.#queue.isEmpty;
    const isClean = isDone && reset.error === undefined && reset.unsentBytes === 0;
    if (!isClean && !this.#isStopping) this.#tellLoss(reset, isDone);
    this.#inFlight.clear();
    if (isDone) void connection.disconnect();
    else if (this.#holds) this.#input.pause();
    else this.#input.resume();
  }

  onRetry({ error, delay }: DialFailure): void {
    const cause = causeText(error);
    // Every further dial that fails in the same way says nothing new.
    if (cause !== this.#failure) {
      this.#say('yellow', `no connection to ${this.#name}: ${cause}; next dial in ${formatDuration(delay)}`);
    }
    this.#failure = cause;
  }

  onClose(): void {
    const left = new Amount();
    left.add(this.#queue.takeAll());
    for (const [amount, what] of [
      [left, 'held'],
      [this.#dropped, 'read while the link was down'],
    ] as const) {
      if (amount.bytes === 0) continue;
      this.#hasLost = true;
      this.#say('yellow', `${describe(amount)} ${what}: not sent`);
    }
    this.#input.destroy();
    this.#closed.resolve();
  }

  /** The connection is to end, whatever is left. */
  stop(): void {
    this.#isStopping = true;
    this.#input.pause();
  }

  #begin(connection: Connection): void {
    this.#input.on('data', (chunk: Buffer) => {
      this.#queue.add(chunk);
      this.#pump();
    });
    const end = (): void => {
      this.#hasEnded = true;
      this.#queue.end();
      this.#pump();
      // Nothing comes any more that another life could be for.
      if (!this.#isUp && this.#queue.isEmpty) void connection.disconnect();
    };
    this.#input.on('end', end);
    this.#input.on('error', end);
  }

  #pump(): void {
    const socket = this.#isUp ? this.#socket : undefined;
    if (!socket?.writable || this.#isStopping) return this.#keepOrDrop();
    while (!this.#isFull) {
      const lines = this.#queue.take(batch);
      if (!lines) break;
      this.#inFlight.add(lines);
      this.#isFull = !socket.write(lines);
    }
    if (this.#isFull) this.#input.pause();
    else this.#input.resume();
    // The peer may still answer: the life goes on until it ends its side too, or is silent for 2 s.
    if (this.#hasEnded && this.#queue.isEmpty) socket.end();
  }

  #keepOrDrop(): void {
    if (this.#holds || this.#isStopping) this.#input.pause();
    else this.#dropped.add(this.#queue.takeAll());
  }

  #tellLoss({ code, error, uptime, unsentBytes, delay }: Reset, isDone: boolean): void {
    const cause = error ? `${code}, ${causeText(error)}` : code;
    const facts = [`lost ${this.#name} after ${formatDuration(uptime)}: ${cause}`];
    if (this.#inFlight.bytes > 0) {
      const never = unsentBytes > 0 ? `, ${unsentBytes} bytes of it never left` : '';
      facts.push(`in flight: ${describe(this.#inFlight)}${never}; not sent again`);
      this.#hasLost = true;
    }
    if (!isDone && delay !== undefined) facts.push(`next dial in ${formatDuration(delay)}`);
    this.#say('red', facts.join('; '));
  }

  #say(colour: Colour, text: string): void {
    const { err } = this.#terminal;
    err.line(err.paint(colour, `connman: ${text}`));
  }
}

function describe({ lines, bytes }: Amount): string {
  return `${formatCount(lines, 'line')} (${formatCount(bytes, 'byte')})`;
}
