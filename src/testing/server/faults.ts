import { callable, type Check, readOptions, integerFrom } from '../../primitives/checks.js';
import { OptionError } from '../../primitives/errors.js';
import { pseudoRandomBytes } from './pseudo-random.js';
import type { ServerConnection } from './server-connection.js';
import type { Data, Finish } from './wire.js';

/** Says what the server sends for a chunk it has read; `undefined` sends nothing. */
export type Answer = (chunk: Buffer, connection: ServerConnection) => Data | undefined;

/** A finish, and how many bytes are received and answered before it. */
export interface FinishAt {
  readonly at: number;
  readonly how: Finish;
}

/**
 * How a server treats one connection: frozen plain data, made by the functions of this module. Over TLS it begins when
 * the handshake is done. The faults of a list act together: every opening is sent, in order; for the rest, the later one holds; of several finishes, the
 * one at the lowest byte.
 */
export interface Fault {
  /** The name of the function that made it. */
  readonly verb: string;
  /** What the server sends at accept, given the number of the connection. */
  readonly opening?: (connection: number) => Data;
  /** What it sends for what it reads. Default: the same bytes. */
  readonly answer?: Answer;
  /** Whether it reads at all. Default: true. */
  readonly reads?: boolean;
  /** How many bytes it sends at once. Default: no limit. */
  readonly slice?: number;
  /** Where and how it finishes. Default: never. */
  readonly finish?: FinishAt;
  /** Whether it answers the FIN of the peer with its own. Default: true. */
  readonly answersEnd?: boolean;
}

const offset: Check = integerFrom(0, Number.MAX_SAFE_INTEGER);

function checkData(name: string, value: unknown): void {
  if (typeof value === 'string' || value instanceof Uint8Array) return;
  throw new OptionError(name, 'a string or bytes', value);
}

function fault(verb: string, behaviour: Omit<Fault, 'verb'>): Fault {
  return Object.freeze({ verb, ...behaviour });
}

function finishAt(at: number, how: Finish): FinishAt {
  return Object.freeze({ at, how });
}

/** Sends back every byte, and a FIN for a FIN: a healthy server, and the default. */
export function echo(): Fault {
  return fault('echo', { answer: (chunk) => chunk });
}

/**
 * Accepts, then sends a FIN, and reads on without answering: half open for as long as the peer does not send its own
 * FIN, and closed then.
 */
export function end(): Fault {
  return fault('end', { finish: finishAt(0, 'end') });
}

/** Accepts, then sends a RST, after the TLS handshake if there is one. On a Unix socket: see {@link ServerConnection.reset}. */
export function reset(): Fault {
  return fault('reset', { finish: finishAt(0, 'reset') });
}

/** Reads and never answers; only a FIN is answered, with a FIN. */
export function silent(): Fault {
  return fault('silent', { answer: () => undefined });
}

/**
 * Never reads a byte: the peer fills the buffers of the two kernels, then blocks. Nor does it see a FIN or a RST of
 * the peer: the connection stays open until the server drops it. Over TLS, Node.js takes up to 64 KiB from the kernel
 * before it stops, without giving them to anybody, and sees what comes right behind them.
 */
export function stall(): Fault {
  return fault('stall', { reads: false });
}

/**
 * Sends in slices of `bytes` bytes, never by the clock: between two slices, the event loop polls all sockets once. So a
 * peer in the same process reads each of them alone; for others TCP is a stream. Echoes, unless another fault of the
 * list says otherwise.
 */
export function slow(options: { readonly bytes: number }): Fault {
  const positive = integerFrom(1, Number.MAX_SAFE_INTEGER);
  const { bytes } = readOptions<{ readonly bytes: number }>('options', options, { bytes: positive });
  positive('options.bytes', bytes);
  return fault('slow', { slice: bytes });
}

/** Echoes, but never answers the FIN of the peer: the connection stays half open until the server drops it. */
export function halfOpen(): Fault {
  return fault('halfOpen', { answersEnd: false });
}

/** Echoes the first `bytes` bytes of the connection, then sends a FIN; what comes after them is not answered. */
export function endAt(bytes: number): Fault {
  offset('bytes', bytes);
  return fault('endAt', { finish: finishAt(bytes, 'end') });
}

/**
 * Echoes the first `bytes` bytes of the connection, then sends a RST. The echo is with the kernel by then, and a
 * peer in the same process that reads has read it; others may lose some of it, because a RST overtakes bytes that wait
 * to be sent, and libuv takes bytes and a RST that it finds together for bytes and a FIN.
 */
export function resetAt(bytes: number): Fault {
  offset('bytes', bytes);
  return fault('resetAt', { finish: finishAt(bytes, 'reset') });
}

/**
 * Sends noise at accept, then echoes: the given bytes, or so many pseudo-random ones, which depend on nothing but the
 * number of the connection.
 */
export function garbage(noise: number | Uint8Array): Fault {
  if (noise instanceof Uint8Array) return fault('garbage', { opening: () => noise });
  integerFrom(0, 2 ** 30)('noise', noise);
  return fault('garbage', { opening: (connection) => pseudoRandomBytes(connection, noise) });
}

/** Speaks first: sends `data` at accept, then echoes. */
export function greet(data: Data): Fault {
  checkData('data', data);
  return fault('greet', { opening: () => data });
}

/** Sends what `answer` returns for each chunk read. A chunk is whatever came at once: count on bytes, not on chunks. */
export function respond(answer: Answer): Fault {
  callable('answer', answer);
  return fault('respond', { answer });
}
