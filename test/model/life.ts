import { StringDecoder } from 'node:string_decoder';
import type { ManagedSocket, Reset } from '../../src/index.js';

/** What the program can do in a life that ends it. */
export type Deed = 'end' | 'destroy' | 'reset' | 'retire' | 'disconnect' | 'handshake';

/** What one life has sent and read, as its program knows it: to be compared with what the server knows. */
export class Life {
  readonly program: number;
  readonly number: number;
  readonly socket: ManagedSocket;
  /** The port it came from: how the server's side of it is found. A Unix socket has none. */
  readonly port: number | undefined;
  readonly deeds: Set<Deed> = new Set();
  reset: Reset | undefined;
  /** Whether `onRetire` was called. */
  isRetired = false;
  /** Whether the promise of its handshake is still open. */
  isHandshaking = false;
  /** What its handshake fails with, if it does. */
  handshakeError: Error | undefined;
  /** Whether the program has paused it. */
  isPaused = false;
  /** Whether `read` is all that was to be read so far: not when the program itself has thrown input away. */
  isExact = true;
  readonly #accepted: Buffer[] = [];
  readonly #read: (Buffer | string)[] = [];
  /** How many bytes were given to `write()`, also where it was clear that it would refuse them. */
  triedBytes = 0;
  #acceptedBytes = 0;
  #readBytes = 0;

  constructor(program: number, number: number, socket: ManagedSocket) {
    this.program = program;
    this.number = number;
    this.socket = socket;
    this.port = socket.localPort;
  }

  /** How many bytes `write()` has taken. */
  get acceptedBytes(): number {
    return this.#acceptedBytes;
  }

  /** Whether it was read as text, whose bytes are not those that were sent. */
  get isText(): boolean {
    return this.#read.some((chunk) => typeof chunk === 'string');
  }

  /** How many bytes were read. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /** `write()` has taken this. */
  accept(bytes: string): void {
    this.#accepted.push(Buffer.from(bytes));
    this.#acceptedBytes += bytes.length;
  }

  /** The program has read this. */
  take(chunk: Buffer | string): void {
    // A copy: a shared read buffer is filled again.
    this.#read.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk));
    this.#readBytes += Buffer.byteLength(chunk);
  }

  /** Whether what the server received can have come from this life: the first bytes of what `write()` took. */
  hasSent(received: Buffer): boolean {
    return isPrefix(received, Buffer.concat(this.#accepted));
  }

  /** Whether what this life has read are the first bytes of what the server sent, but for one piece if `mayLose`. */
  hasReadFrom(sent: Buffer, mayLose: boolean): boolean {
    if (!this.isExact) return true;
    const [first] = this.#read;
    if (typeof first !== 'string') {
      const read = Buffer.concat(this.#read as Buffer[]);
      return isPrefix(read, sent) || (mayLose && isPrefixButForOnePiece(read, sent));
    }
    const text = this.#read.join('');
    return mayLose || isTextOf(text, sent, 'utf8') || isTextOf(text, sent, 'latin1');
  }

  /** What a counterexample calls it. */
  get name(): string {
    return `life ${this.program}.${this.number}`;
  }
}

function isPrefix(part: Buffer, whole: Buffer): boolean {
  return part.length <= whole.length && part.equals(whole.subarray(0, part.length));
}

function isPrefixButForOnePiece(part: Buffer, whole: Buffer): boolean {
  let common = 0;
  while (common < part.length && part[common] === whole[common]) common++;
  return whole.includes(part.subarray(common), common);
}

/** A FIN inside a character makes the decoder end with U+FFFD, once for each byte that no character begins with. */
function isTextOf(text: string, sent: Buffer, encoding: BufferEncoding): boolean {
  const whole = new StringDecoder(encoding).write(sent);
  return whole.startsWith(text) || whole.startsWith(text.replace(/\uFFFD{1,3}$/, ''));
}
