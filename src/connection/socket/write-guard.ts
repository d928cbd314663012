import { Socket } from 'node:net';
import { checkChunk, hasChunk, linkDown, refuse } from './refusal.js';

type Callback = (error?: Error | null) => void;
type Chunks = readonly { readonly chunk: string | Buffer }[];

/** How much may wait to be sent. */
export interface BufferLimit {
  /** In bytes. */
  readonly maxBuffered: number;
  /** More than that waits. */
  overflowed(): void;
}

/**
 * `new`: no life has begun yet; `down`: none is going on; `open`: writes pass; `ended`: one side has ended, or the socket is
 * destroyed; `ending`: connman is about to end the life, so `end()` brings no more data either.
 */
type Stage = 'new' | 'down' | 'open' | 'ended' | 'ending';

const nodeWrite = Socket.prototype.write as (this: Socket, ...args: unknown[]) => boolean;
const nodeEnd = Socket.prototype.end as (this: Socket, ...args: unknown[]) => Socket;

/**
 * The rules for everything that is written to a socket, over every transport, and their state. A write that cannot be
 * sent in the present life is refused at once: it is not kept, raises no `'error'`, and its callback gets a `ClosedError`.
 *
 * Whether the link is up is told by `beginLife()` and `endLife()`, since Node's own `closed`, `destroyed` and `connecting`
 * change at other moments. The socket comes with each call, so that the guard has few fields: each connection has one.
 */
export class WriteGuard {
  #stage: Stage;
  #isDrainOwed = false;
  #isReadOwed = false;
  /** The size of the last write, or of all that have failed. */
  #lastWriteSize = 0;
  #patchedWrite: Socket['write'] | undefined;

  /** `hasLived` tells whether the connection has had a life already, on another socket. */
  constructor(hasLived: boolean) {
    this.#stage = hasLived ? 'down' : 'new';
  }

  /** Whether a life is going on. */
  get isUp(): boolean {
    return this.#stage !== 'down' && this.#stage !== 'new';
  }

  get hasLived(): boolean {
    return this.#stage !== 'new';
  }

  /** Whether a write is passed on. */
  get takesWrites(): boolean {
    return this.#stage === 'open';
  }

  beginLife(): void {
    this.#stage = 'open';
  }

  /** One side of the life has ended, or its socket is destroyed. */
  endWrites(): void {
    if (this.#stage === 'open') this.#stage = 'ended';
  }

  /** The life is about to be ended: `end()` is the only thing that is still done. */
  refuseWrites(): void {
    if (this.isUp) this.#stage = 'ending';
  }

  endLife(socket: Socket): void {
    if (this.isUp) this.#stage = 'down';
    this.#isReadOwed = false;
    this.#patchedWrite = undefined;
    socket.removeListener('finish', destroyFinished);
  }

  write(socket: Socket, limit: BufferLimit, chunk: unknown, encoding: unknown, callback: unknown): boolean {
    if (this.#stage !== 'open') {
      checkChunk(chunk);
      // A writer that gets false waits for 'drain'. end() does not return false, so a refused end() owes none.
      this.#isDrainOwed = true;
      return refuse([chunk, encoding, callback]);
    }
    const goOn = nodeWrite.call(socket, chunk, encoding, callback);
    countBuffered(socket, limit);
    return goOn;
  }

  /**
   * Whether this has ended our side. It has not on a destroyed socket, where Node.js would keep the callback for the end of the
   * next life, nor with data after an end, for which Node.js would destroy the socket and what it has yet to send.
   */
  end(socket: Socket, limit: BufferLimit, args: readonly unknown[]): boolean {
    const isTooLate = hasChunk(args) && (this.#stage === 'ending' || socket.writableEnded);
    if (!this.isUp || socket.destroyed || isTooLate) {
      if (hasChunk(args)) checkChunk(args[0]);
      refuse(args);
      return false;
    }
    nodeEnd.apply(socket, args as unknown[]);
    this.endWrites();
    countBuffered(socket, limit);
    return true;
  }

  /** For `_write` and `_final`: whether Node.js may have it. It keeps what comes while it dials, and sends it in the next life. */
  admits(socket: Socket, size: number, done: Callback): boolean {
    const { errored } = socket;
    this.#lastWriteSize = errored ? this.#lastWriteSize + size : size;
    if (this.isUp && !errored) return true;
    // After a write that has failed, uncork() passes the next ones on until the socket is destroyed, a tick later.
    done(this.isUp ? errored : linkDown());
    return false;
  }

  /** For `_writev`, as {@link admits}. */
  admitsAll(socket: Socket, chunks: Chunks, done: Callback): boolean {
    let size = 0;
    for (const { chunk } of chunks) size += chunk.length;
    return this.admits(socket, size, done);
  }

  /** What `write()` has accepted and the operating system has not taken whole, when the socket is destroyed. */
  countUnsent(socket: Socket, error: NodeJS.ErrnoException | null): number {
    if (!this.isUp) return 0;
    // A write that failed has already left writableLength.
    return socket.writableLength + (error?.syscall === 'write' ? this.#lastWriteSize : 0);
  }

  /** Tells writers which were refused, or held back in an earlier life, that they may go on. */
  announceDrain(socket: Socket): void {
    if (socket.writableNeedDrain) {
      if (socket.writableLength === 0) nodeWrite.call(socket, '');
    } else if (this.#isDrainOwed) {
      process.nextTick(() => this.isUp && socket.emit('drain'));
    }
    this.#isDrainOwed = false;
  }

  /** Ends the life once everything is sent. Node's own keeps its listener for the next life when a drop comes first. */
  destroySoon(socket: Socket): void {
    if (!this.isUp) return;
    socket.end();
    if (socket.writableFinished) socket.destroy();
    else socket.removeListener('finish', destroyFinished).once('finish', destroyFinished);
  }

  /** The function that was assigned to `socket.write` in the present life. */
  get patchedWrite(): Socket['write'] | undefined {
    return this.#patchedWrite;
  }

  patchWrite(socket: Socket, write: Socket['write'], guarded: Socket['write']): void {
    // When the peer has ended, Node.js sets a write of its own, which destroys the socket and what it has yet to send.
    if (socket.readableEnded && !socket.allowHalfOpen) this.endWrites();
    else this.#patchedWrite = write === nodeWrite || write === guarded ? undefined : write;
  }

  /** A read is asked for while the link is down. Node.js would add a listener for it in each failed dial. */
  oweRead(): void {
    this.#isReadOwed = true;
  }

  get isReadOwed(): boolean {
    return this.#isReadOwed;
  }
}

function countBuffered(socket: Socket, limit: BufferLimit): void {
  const { maxBuffered } = limit;
  if (maxBuffered !== Infinity && socket.writableLength > maxBuffered) limit.overflowed();
}

function destroyFinished(this: Socket): void {
  this.destroy();
}
