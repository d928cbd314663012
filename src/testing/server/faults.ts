import { isUint8Array } from 'node:util/types';
import { callable, type Check, integerFrom, readOptions } from '../../primitives/checks.js';
import { OptionError } from '../../primitives/errors.js';
import type { Answer, Fault, FinishAt } from './fault.js';
import { pseudoRandomBytes } from './pseudo-random.js';
import type { Data, Finish } from './wire.js';

const offset: Check = integerFrom(0, Number.MAX_SAFE_INTEGER);

function checkData(name: string, value: unknown): void {
  if (typeof value === 'string' || isUint8Array(value)) return;
  throw new OptionError(name, 'a string or bytes', value);
}

function fault(verb: string, behaviour: Omit<Fault, 'verb'>): Fault {
  return Object.freeze({ verb, ...behaviour });
}

function finishAt(at: number, how: Finish): FinishAt {
  return Object.freeze({ at, how });
}

/**
 * Sends back every byte, and answers a FIN with a FIN: a healthy server, and the default.
 *
 * @example
 * ```ts
 * import { echo, reset, startFaultServer } from 'connman/testing';
 *
 * await using server = await startFaultServer({ script: (n) => (n === 1 ? reset() : echo()) });
 * ```
 */
export function echo(): Fault {
  return fault('echo', { answer: (chunk) => chunk });
}

/**
 * Sends a FIN at accept, and reads on without an answer. The connection is half open until the peer sends its own FIN,
 * and closes then.
 *
 * @example
 * ```ts
 * import { end, startFaultServer } from 'connman/testing';
 *
 * await using server = await startFaultServer({ script: () => end() });
 * ```
 */
export function end(): Fault {
  return fault('end', { finish: finishAt(0, 'end') });
}

/**
 * Sends a RST at accept; over TLS, after the handshake. A Unix socket has no RST: it is closed, and its peer sees an end,
 * or `ECONNRESET` if the server had not read all of its bytes.
 *
 * @example
 * ```ts
 * import { reset, startFaultServer } from 'connman/testing';
 *
 * await using server = await startFaultServer({ script: () => reset() });
 * ```
 */
export function reset(): Fault {
  return fault('reset', { finish: finishAt(0, 'reset') });
}

/**
 * Reads and never answers, except a FIN with a FIN.
 *
 * @example
 * ```ts
 * import { silent, startFaultServer } from 'connman/testing';
 *
 * await using server = await startFaultServer({ script: () => silent() });
 * ```
 */
export function silent(): Fault {
  return fault('silent', { answer: () => undefined });
}

/**
 * Never reads a byte: the peer fills the buffers of both kernels, then its writes wait. The server does not see a FIN or
 * a RST of the peer either, so the connection stays open until the server drops it.
 *
 * Over TLS, Node.js takes up to 64 KiB from the kernel before it stops, and sees a FIN or a RST directly behind them.
 *
 * @example
 * ```ts
 * import { stall, startFaultServer } from 'connman/testing';
 *
 * await using server = await startFaultServer({ script: () => stall() });
 * ```
 */
export function stall(): Fault {
  return fault('stall', { reads: false });
}

/**
 * Sends in slices of `bytes` bytes, independent of the clock: between two slices the event loop polls all sockets once.
 * A peer in the same process reads each slice alone; for other peers TCP is a stream. Echoes, unless another fault of
 * the list says otherwise. Throws an OptionError unless `bytes` is a whole number from 1.
 *
 * @example
 * ```ts
 * import { slow, startFaultServer } from 'connman/testing';
 *
 * await using server = await startFaultServer({ script: () => slow({ bytes: 1 }) });
 * ```
 */
export function slow(options: { readonly bytes: number }): Fault {
  const positive = integerFrom(1, Number.MAX_SAFE_INTEGER);
  const { bytes } = readOptions<{ readonly bytes: number }>('options', options, { bytes: positive });
  positive('options.bytes', bytes);
  return fault('slow', { slice: bytes });
}

/**
 * Echoes, but never answers the peer's FIN: the connection stays half open until the server drops it.
 *
 * @example
 * ```ts
 * import { halfOpen, startFaultServer } from 'connman/testing';
 *
 * await using server = await startFaultServer({ script: () => halfOpen() });
 * ```
 */
export function halfOpen(): Fault {
  return fault('halfOpen', { answersEnd: false });
}

/**
 * Echoes the first `bytes` bytes of the connection, then sends a FIN. Later bytes get no answer. Throws an OptionError
 * unless `bytes` is a whole number from 0.
 *
 * @example
 * ```ts
 * import { endAt, startFaultServer } from 'connman/testing';
 *
 * await using server = await startFaultServer({ script: () => endAt(1_024) });
 * ```
 */
export function endAt(bytes: number): Fault {
  offset('bytes', bytes);
  return fault('endAt', { finish: finishAt(bytes, 'end') });
}

/**
 * Echoes the first `bytes` bytes of the connection, then sends a RST. The kernel has taken the echo by then, and a peer
 * in the same process that reads has read it. Another peer may lose some of it: a RST overtakes bytes that wait to be
 * sent, and libuv reports bytes and a RST that it finds together as bytes and a FIN. Throws an OptionError unless `bytes`
 * is a whole number from 0.
 *
 * @example
 * ```ts
 * import { resetAt, startFaultServer } from 'connman/testing';
 *
 * await using server = await startFaultServer({ script: () => resetAt(1_024) });
 * ```
 */
export function resetAt(bytes: number): Fault {
  offset('bytes', bytes);
  return fault('resetAt', { finish: finishAt(bytes, 'reset') });
}

/**
 * Sends noise at accept, then echoes. The noise is the given bytes, or the given number of pseudo-random bytes, which
 * depend only on the number of the connection. Throws an OptionError unless the number is whole and from 0 to 2^30.
 *
 * @example
 * ```ts
 * import { garbage, startFaultServer } from 'connman/testing';
 *
 * await using server = await startFaultServer({ script: () => garbage(64) });
 * ```
 */
export function garbage(noise: number | Uint8Array): Fault {
  if (isUint8Array(noise)) return fault('garbage', { opening: () => noise });
  integerFrom(0, 2 ** 30)('noise', noise);
  return fault('garbage', { opening: (connection) => pseudoRandomBytes(connection, noise) });
}

/**
 * Sends `data` at accept, then echoes: a server that speaks first. Throws an OptionError unless `data` is a string or
 * bytes.
 *
 * @example
 * ```ts
 * import { greet, startFaultServer } from 'connman/testing';
 *
 * await using server = await startFaultServer({ script: () => greet('220 ready\r\n') });
 * ```
 */
export function greet(data: Data): Fault {
  checkData('data', data);
  return fault('greet', { opening: () => data });
}

/**
 * Sends what `answer` returns for each chunk read. A chunk is what arrived at once: an answer must not rely on where a
 * chunk ends. Throws an OptionError unless `answer` is a function.
 *
 * @example
 * ```ts
 * import { respond, startFaultServer } from 'connman/testing';
 *
 * const script = () => respond((chunk) => (chunk.includes('ping') ? 'pong\r\n' : undefined));
 * await using server = await startFaultServer({ script });
 * ```
 */
export function respond(answer: Answer): Fault {
  callable('answer', answer);
  return fault('respond', { answer });
}
