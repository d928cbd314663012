import { Socket } from 'node:net';
import { checkChunk, hasCallback, hasChunk, linkDown, refuse } from './refusal.js';
import { canCork, expectsBurst, firstOfTurn, isOfThisTurn, oneMore, releaseLater } from './write-turn.js';
import type { Writer, WriteSettings } from './writer.js';

type Callback = (error?: Error | null) => void;
/** Unlike `writableNeedDrain`, it is still told of a destroyed socket. */
type NodeSocket = Socket & { readonly _writableState?: { readonly needDrain: boolean } };
type Chunks = readonly { readonly chunk: string | Buffer }[];

/**
 * `new`: no life has begun yet; `down`: none is going on; `open`: writes pass; `ended`: one side has ended, or the socket is
 * destroyed; `ending`: connman is about to end the life, so `end()` brings no more data either.
 */
type Stage = 'new' | 'down' | 'open' | 'ended' | 'ending';

const nodeWrite = Socket.prototype.write as (this: Socket, ...args: unknown[]) => boolean;
const nodeCork = Socket.prototype.cork as (this: Socket) => void;
const nodeUncork = Socket.prototype.uncork as (this: Socket) => void;
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
  /** The turn of the last write, and how many there were in it; less than 0 while the socket is corked for the rest of the turn. */
  #writes = 0;

  /** Whether the connection has had a life already, on another socket, and whether a writer of that one waits for `'drain'`. */
  constructor(hasLived: boolean, isDrainOwed: boolean = false) {
    this.#stage = hasLived ? 'down' : 'new';
    this.#isDrainOwed = isDrainOwed;
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

  write(socket: Socket, owner: Writer, chunk: unknown, encoding: unknown, callback: unknown): boolean {
    if (this.#stage !== 'open') {
      checkChunk(chunk);
      // A writer that gets false waits for 'drain'. end() does not return false, so a refused end() owes none.
      const args = [chunk, encoding, callback];
      owner.refused(true, hasCallback(args));
      return refuse(args);
    }
    const { writing } = owner;
    if (writing.autoCork) this.#corkRest(socket, writing, sizeOf(chunk));
    const goOn = nodeWrite.call(socket, chunk, encoding, callback);
    countBuffered(socket, owner);
    return goOn;
  }

  /**
   * The first write of a turn leaves at once, since nothing may follow; what follows is corked, and leaves in one system call when
   * the turn is over. In the middle of bursts, the first one is corked too: alone, it would come back alone, in one more turn.
   *
   * What a socket may not hold back is not corked: then `write()` would return false sooner, or `maxBuffered` end the life.
   */
  #corkRest(socket: Socket, { maxBuffered }: WriteSettings, size: number): void {
    const limit = Math.min(socket.writableHighWaterMark, maxBuffered + 1);
    if (this.isCorking) {
      this.#writes = -oneMore(-this.#writes);
      if (socket.writableLength + size < limit) return;
      this.release(socket);
    } else if (isOfThisTurn(this.#writes)) {
      this.#writes = oneMore(this.#writes);
    } else {
      const last = this.#writes;
      this.#writes = firstOfTurn();
      if (!expectsBurst(last)) return;
    }
    // What waits already is sent together with what follows, by Node.js or by the application that has corked it.
    const waits = socket.writableLength > 0 || socket.writableCorked > 0;
    if (waits || size >= limit || !canCork()) return;
    nodeCork.call(socket);
    this.#writes = -this.#writes;
    releaseLater(this, socket);
  }

  /** Whether the guard has corked the socket. The application has not, then: it is never corked by both. */
  get isCorking(): boolean {
    return this.#writes < 0;
  }

  /** Sends what the guard has corked. */
  release(socket: Socket): void {
    if (!this.isCorking) return;
    this.#writes = -this.#writes;
    nodeUncork.call(socket);
  }

  /**
   * Whether this has ended our side. It has not on a destroyed socket, where Node.js would keep the callback for the end of the
   * next life, nor with data after an end, for which Node.js would destroy the socket and what it has yet to send.
   */
  end(socket: Socket, owner: Writer, args: readonly unknown[]): boolean {
    const isTooLate = hasChunk(args) && (this.#stage === 'ending' || socket.writableEnded);
    if (!this.isUp || socket.destroyed || isTooLate) {
      if (hasChunk(args)) {
        checkChunk(args[0]);
        owner.refused(false, hasCallback(args));
      }
      refuse(args);
      return false;
    }
    nodeEnd.apply(socket, args as unknown[]);
    this.endWrites();
    countBuffered(socket, owner);
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
      this.#isDrainOwed = false;
      if (socket.writableLength === 0) nodeWrite.call(socket, '');
    } else if (this.#isDrainOwed) {
      process.nextTick(() => this.#drain(socket));
    }
  }

  #drain(socket: Socket): void {
    // Otherwise, it is owed in the next life.
    if (!this.takesWrites) return;
    this.#isDrainOwed = false;
    socket.emit('drain');
  }

  /** A writer got false, and waits until it may write. */
  oweDrain(): void {
    if (this.#stage !== 'open') this.#isDrainOwed = true;
  }

  /** Whether a writer waits for `'drain'` that the socket, if it has lived, will not emit any more. */
  owesDrain(socket: NodeSocket | undefined): boolean {
    return this.#isDrainOwed || (this.hasLived && socket?._writableState?.needDrain === true);
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

function countBuffered(socket: Socket, owner: Writer): void {
  const { maxBuffered } = owner.writing;
  if (maxBuffered !== Infinity && socket.writableLength > maxBuffered) owner.overflowed();
}

/** As `writableLength` counts it: Node.js encodes a string only when it is sent. */
function sizeOf(chunk: unknown): number {
  return typeof chunk === 'string' ? chunk.length : ((chunk as ArrayBufferView | null)?.byteLength ?? 0);
}

function destroyFinished(this: Socket): void {
  this.destroy();
}
