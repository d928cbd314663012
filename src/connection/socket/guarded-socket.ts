import { Socket, type SocketConnectOpts } from 'node:net';
import { answerConnect } from './answer-connect.js';
import { iterate } from './iterate.js';
import { discardFailure, discardInput, discardOutput, freeError } from './cleanup.js';
import { checkChunk, hasChunk, linkDown, refuse } from './refusal.js';

type Callback = (error?: Error | null) => void;

const nodeWrite = Socket.prototype.write as (this: Socket, ...args: unknown[]) => boolean;
const nodeEnd = Socket.prototype.end as (this: Socket, ...args: unknown[]) => Socket;

/**
 * A `net.Socket` that can be connected again and again, and lets nothing cross from one life to the next. Node.js
 * supports connecting a socket again after `'close'`, but forgets to clean up in the ways that the overrides here
 * guard. Whether the link is up is this class's own knowledge, given by `rise()` and `fall()`: `closed`, `destroyed` and
 * `connecting` change at other moments.
 */
export abstract class GuardedSocket extends Socket {
  #isUp = false;
  /** Whether a write is passed on: not when the link is down, nor when either side has ended or the socket is destroyed. */
  #takesWrites = false;
  /** Whether the life is to end, and what comes with an end is refused as well. */
  #isEnding = false;
  #isReadWanted = false;
  #isDrainOwed = false;
  #lastWriteSize = 0;
  #patchedWrite: Socket['write'] | undefined;

  /** Whether a life is going on. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** @internal Whether a write would be passed on. */
  get takesWrites(): boolean {
    return this.#takesWrites;
  }

  /** Connects, where `connect()` does not. Only to be called on a new socket, or after `fall()`. */
  protected connectAgain(options: SocketConnectOpts): void {
    const hadError = this.errored !== null;
    super.connect(options);
    if (hadError && this.errored === null) freeError(this);
  }

  /** A life begins: reads as if no earlier life had stopped it. */
  protected rise(): void {
    this.#isUp = true;
    this.#isEnding = false;
    this.#takesWrites = true;
    discardFailure(this);
    if (this.isPaused()) this.resume();
    if (this.#isReadWanted) super._read(this.readableHighWaterMark);
    if (this.listenerCount('readable') > 0) this.read(0);
  }

  /** The present life is to end: takes no more writes. */
  refuseWrites(): void {
    this.#takesWrites = false;
    this.#isEnding = true;
  }

  /** The socket has closed: drops what the dial or the life has left behind. */
  protected fall(): void {
    this.#isUp = false;
    this.#isReadWanted = false;
    this.#patchedWrite = undefined;
    this.removeListener('finish', destroyFinished);
    this.unpipe();
    discardInput(this);
    discardOutput(this);
  }

  /** What write() had accepted and the operating system has not taken whole, as the socket is destroyed. */
  protected countUnsent(error: NodeJS.ErrnoException | null): number {
    if (!this.#isUp) return 0;
    // A write that failed has already left writableLength.
    return this.writableLength + (error?.syscall === 'write' ? this.#lastWriteSize : 0);
  }

  /** How many bytes may wait to be sent, before `overflowed()` is called. */
  protected abstract get maxBuffered(): number;

  /** More is waiting to be sent than `maxBuffered`. */
  protected abstract overflowed(): void;

  /** Tells writers which were refused, or held back in an earlier life, that they may go on. */
  announceDrain(): void {
    if (this.writableNeedDrain) {
      if (this.writableLength === 0) nodeWrite.call(this, '');
    } else if (this.#isDrainOwed) {
      process.nextTick(() => this.#isUp && this.emit('drain'));
    }
    this.#isDrainOwed = false;
  }

  /** Answers who connects a socket that is connected already, and never dials: connman does. */
  override connect(...args: unknown[]): this {
    answerConnect(this, args, () => this.#isUp && !this.destroyed);
    return this;
  }

  override end(...args: unknown[]): this {
    // On a destroyed socket, Node.js keeps the callback for the end of the next life; and for data after an end it
    // destroys the socket, and with it what was still to be flushed.
    const isEnding = this.#isEnding || this.writableEnded;
    if (!this.#isUp || this.destroyed || (isEnding && hasChunk(args))) {
      if (hasChunk(args)) this.#refuseWrite(args);
      else refuse(args);
      return this;
    }
    nodeEnd.apply(this, args);
    this.#takesWrites = false;
    this.#countBuffered();
    return this;
  }

  override destroySoon(): void {
    if (!this.#isUp) return;
    this.end();
    if (this.writableFinished) this.destroy();
    else this.removeListener('finish', destroyFinished).once('finish', destroyFinished);
  }

  /** Resets the link, or destroys the socket where Node.js could not: not up, already ended, a Unix socket. */
  override resetAndDestroy(): this {
    const isUnixSocket = this.localPort === undefined;
    if (!this.#isUp || this.destroyed || this.writableEnded || isUnixSocket) return this.destroy();
    return super.resetAndDestroy();
  }

  /** The chunks of the present life: ends when the peer ends it, throws when it fails; leaving the loop destroys it. */
  override [Symbol.asyncIterator](): AsyncGenerator<unknown, void> {
    return iterate(this, super[Symbol.asyncIterator]());
  }

  // Node.js parks what is written, ended or read while connecting in a 'connect' listener that outlives a failed
  // dial and then acts on the next life. So none of it reaches Node.js while the link is down.

  override _write(chunk: string | Buffer, encoding: BufferEncoding, done: Callback): void {
    this.#lastWriteSize = chunk.length;
    if (this.#isUp) super._write(chunk, encoding, done);
    else done(linkDown());
  }

  override _writev(chunks: { chunk: string | Buffer; encoding: BufferEncoding }[], done: Callback): void {
    this.#lastWriteSize = 0;
    for (const { chunk } of chunks) this.#lastWriteSize += chunk.length;
    if (this.#isUp) super._writev?.(chunks, done);
    else done(linkDown());
  }

  override _final(done: Callback): void {
    if (this.#isUp) super._final(done);
    else done(linkDown());
  }

  override _destroy(error: Error | null, done: Callback): void {
    this.#takesWrites = false;
    super._destroy(error, done);
  }

  override _read(size: number): void {
    if (this.#isUp) super._read(size);
    else this.#isReadWanted = true;
  }

  #countBuffered(): void {
    const { maxBuffered } = this;
    if (maxBuffered !== Infinity && this.writableLength > maxBuffered) this.overflowed();
  }

  #refuseWrite(args: readonly unknown[]): false {
    checkChunk(args[0]);
    this.#isDrainOwed = true;
    return refuse(args);
  }

  // An accessor, not a method: connect() assigns Node's own write to every socket whose write is another.
  static {
    const guardedWrite = function (
      this: GuardedSocket,
      chunk: unknown,
      encoding?: unknown,
      callback?: unknown,
    ): boolean {
      if (!this.#takesWrites) return this.#refuseWrite([chunk, encoding, callback]);
      const goOn = nodeWrite.call(this, chunk, encoding, callback);
      this.#countBuffered();
      return goOn;
    };
    Object.defineProperty(this.prototype, 'write', {
      configurable: true,
      get(this: GuardedSocket) {
        return this.#patchedWrite ?? guardedWrite;
      },
      set(this: GuardedSocket, write: Socket['write']) {
        // When the peer has ended, Node.js sets a write of its own, which destroys the socket and what it has yet to send.
        if (this.readableEnded && !this.allowHalfOpen) this.#takesWrites = false;
        else this.#patchedWrite = write === nodeWrite || write === guardedWrite ? undefined : write;
      },
    });
  }
}

function destroyFinished(this: Socket): void {
  this.destroy();
}
