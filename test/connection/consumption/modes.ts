import { pipeline, Writable } from 'node:stream';
import type { ConnectionOptions, ManagedSocket } from '../../../src/index.js';
import type { Life } from './life.js';

/** One way of reading, at work. */
export interface Reader {
  /** Reads on where it has stopped. */
  goOn(): void;
  /** Its life is over: takes away the listeners that it has added, and reads no more. */
  leave?(): void;
  /** Settles when the reader itself has noticed the end of its life; absent where nothing tells it. */
  readonly over?: Promise<unknown>;
}

/** The life that is going on; that of an earlier call, for listeners that are never removed. */
type Present = () => Life;

/** A way for a program to read its socket. */
export interface Mode {
  readonly name: string;
  /** Whether `handler.onData` reads. */
  readonly isOnData?: boolean;
  readonly options?: (present: Present) => ConnectionOptions;
  /** Set once on each socket. */
  readonly encoding?: BufferEncoding;
  /**
   * How many unread bytes the socket certainly takes from the system, and so notices a RST behind them: fewer than the
   * highWaterMark of any Node.js, unless it is said otherwise.
   */
  readonly readsAhead: number;
  /** Whether it reads at all. */
  readonly isReading?: false;
  /** Called at the beginning of each life, synchronously. */
  begin(socket: ManagedSocket, present: Present): Reader;
}

const ahead = 8_003;

function resuming(socket: ManagedSocket): Reader {
  return { goOn: () => void socket.resume() };
}

function byData(socket: ManagedSocket, present: Present): Reader {
  const life = present();
  const listener = (chunk: Buffer | string): void => {
    if (!life.take(chunk)) socket.pause();
  };
  socket.on('data', listener);
  return { ...resuming(socket), leave: () => socket.off('data', listener) };
}

function byReadable(socket: ManagedSocket, present: Present): Reader {
  const life = present();
  const goOn = (): void => readAll(socket, life);
  socket.on('readable', goOn);
  return { goOn, leave: () => socket.off('readable', goOn) };
}

function readAll(socket: ManagedSocket, life: Life): void {
  while (!life.isStopped) {
    const chunk = socket.read() as Buffer | string | null;
    if (chunk === null) return;
    life.take(chunk);
  }
}

const known: WeakSet<ManagedSocket> = new WeakSet();

/** Listens only where it does not yet. */
function once(socket: ManagedSocket, listen: () => void): void {
  if (!known.has(socket)) listen();
  known.add(socket);
}

function byLastingData(socket: ManagedSocket, present: Present): Reader {
  once(socket, () =>
    socket.on('data', (chunk: Buffer | string) => {
      if (!present().take(chunk)) socket.pause();
    }),
  );
  return resuming(socket);
}

function byLastingReadable(socket: ManagedSocket, present: Present): Reader {
  const life = present();
  once(socket, () => socket.on('readable', () => readAll(socket, present())));
  return { goOn: () => readAll(socket, life) };
}

function byIteration(socket: ManagedSocket, present: Present): Reader {
  const life = present();
  let goOn: () => void = () => undefined;
  const iterate = async (): Promise<void> => {
    for await (const chunk of socket) {
      if (!life.take(chunk as Buffer | string)) await new Promise<void>((resolve) => (goOn = resolve));
    }
  };
  return { goOn: () => goOn(), leave: () => goOn(), over: iterate().catch(() => undefined) };
}

/** Takes one chunk after the other, and keeps the source waiting where the program is not to read. */
class Sink extends Writable {
  readonly #life: Life;
  #goOn: () => void = () => undefined;

  constructor(life: Life) {
    super({ highWaterMark: 1, decodeStrings: false });
    this.#life = life;
  }

  override _write(chunk: Buffer | string, _encoding: BufferEncoding, done: () => void): void {
    if (this.#life.take(chunk)) done();
    else this.#goOn = done;
  }

  goOn(): void {
    this.#goOn();
  }
}

function byPipe(socket: ManagedSocket, present: Present): Reader {
  const sink = new Sink(present());
  socket.pipe(sink);
  return { goOn: () => sink.goOn(), leave: () => socket.unpipe(sink) };
}

function byPipeline(socket: ManagedSocket, present: Present): Reader {
  const sink = new Sink(present());
  const over = new Promise<unknown>((resolve) => pipeline(socket, sink, resolve));
  return { goOn: () => sink.goOn(), over };
}

/** Is paused more often than not: reads one chunk in every turn of the event loop. */
function byTurns(socket: ManagedSocket, present: Present): Reader {
  const life = present();
  let isOver = false;
  const goOn = (): void => void setImmediate(() => isOver || socket.resume());
  const listener = (chunk: Buffer): void => {
    socket.pause();
    if (life.take(chunk)) goOn();
  };
  const leave = (): void => {
    isOver = true;
    socket.off('data', listener);
  };
  socket.on('data', listener).pause();
  goOn();
  return { goOn, leave };
}

/** Every way to read. */
export const modes: readonly Mode[] = [
  { name: 'handler.onData', isOnData: true, readsAhead: ahead, begin: resuming },
  {
    name: 'handler.onData with reuseReadBuffer',
    isOnData: true,
    options: () => ({ reuseReadBuffer: true }),
    readsAhead: 0,
    begin: resuming,
  },
  {
    name: 'onread',
    options: (present) => ({
      onread: {
        buffer: Buffer.alloc(4_096),
        callback: (length, filled) => present().take(filled.subarray(0, length) as Buffer),
      },
    }),
    readsAhead: 0,
    begin: resuming,
  },
  { name: "'data'", readsAhead: ahead, begin: byData },
  { name: "'data', one listener for all lives of a socket", readsAhead: ahead, begin: byLastingData },
  { name: "'readable'", readsAhead: ahead, begin: byReadable },
  {
    name: "'readable', one listener for all lives of a socket, highWaterMark 100",
    options: () => ({ highWaterMark: 100 }),
    readsAhead: 99,
    begin: byLastingReadable,
  },
  { name: 'for await', readsAhead: ahead, begin: byIteration },
  { name: 'pipe()', readsAhead: ahead, begin: byPipe },
  {
    name: "pipeline() with listeners: 'life'",
    options: () => ({ listeners: 'life' }),
    readsAhead: ahead,
    begin: byPipeline,
  },
  { name: 'pause() and resume()', readsAhead: ahead, begin: byTurns },
  { name: "setEncoding('utf8') and 'data'", encoding: 'utf8', readsAhead: ahead, begin: byData },
  { name: "setEncoding('utf8') and 'readable'", encoding: 'utf8', readsAhead: ahead, begin: byReadable },
  { name: "setEncoding('utf8') and for await", encoding: 'utf8', readsAhead: ahead, begin: byIteration },
  {
    name: "setEncoding('base64') and 'data', one listener",
    encoding: 'base64',
    readsAhead: ahead,
    begin: byLastingData,
  },
  { name: 'nobody', readsAhead: Infinity, isReading: false, begin: resuming },
];
