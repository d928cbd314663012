import {
  attachRequests,
  Connection,
  internals,
  notConnected,
  requestsOf,
  type Handler,
  type Internals,
} from '../connection/index.js';
import { abortReason } from '../primitives/abort-listeners.js';
import { instanceOf, longestDelay, readOptions } from '../primitives/checks.js';
import { formatEndpoint } from '../primitives/endpoint.js';
import { ClosedError, OptionError, QueueFullError, TimeoutError } from '../primitives/errors.js';
import { hasKeyAlone, readSend, requestChecks, type RequestOptions, type SendOptions } from './options.js';
import { Outstanding } from './outstanding.js';
import { Request } from './request.js';

const isConnection = instanceOf<Connection>(Connection, 'a Connection', ({ id }) => id);

/**
 * The requests of one connection whose answers have not come: matches answers to requests, in order or by key. At the end of a
 * life, all that wait are rejected: no answer of one life is taken for that of another. It frames, keeps and repeats nothing.
 *
 * @example
 * ```ts
 * import { connect, Requests } from 'connman';
 *
 * const requests = new Requests<string>({ timeout: 1_000 });
 * const connection = connect(11211, '127.0.0.1', {
 *   onConnect: (_, attached) => requests.attach(attached),
 *   // Each chunk is one answer here; a real protocol needs a parser that begins anew in each life.
 *   onData: (chunk) => requests.resolve(String(chunk)),
 * });
 * await connection.ready();
 * console.log(await requests.send('version\r\n'));
 * ```
 */
export class Requests<T = unknown> {
  readonly #timeout: number;
  readonly #limit: number;
  readonly #outstanding: Outstanding<T>;
  #connection: Connection | undefined;
  #core: Internals<Handler> | undefined;

  /** @throws `OptionError` for an unknown option, or a value that is out of its range. */
  constructor(options: RequestOptions = {}) {
    const given = readOptions<RequestOptions>('options', options, requestChecks);
    const { timeout = 10_000, limit = 10_000, stall = Math.min(3 * timeout, longestDelay) } = given;
    this.#timeout = timeout;
    this.#limit = limit;
    this.#outstanding = new Outstanding(stall, {
      stalled: (waited) => this.#connection?.reset(this.#tooLate(waited)),
      tooLate: (waited) => this.#tooLate(waited),
    });
  }

  /** How many answers are to come. In order, this counts those whose caller has stopped waiting. */
  get pending(): number {
    return this.#outstanding.size;
  }

  /** How many requests got no answer because their life ended. */
  get lost(): number {
    return this.#outstanding.counters.lost;
  }

  /** How many requests got no answer within their timeout. */
  get timedOut(): number {
    return this.#outstanding.counters.timedOut;
  }

  /** How many answers came for which no request waited. */
  get late(): number {
    return this.#outstanding.counters.late;
  }

  /**
   * Takes a connection, of `connect()` or of a pool, for good. To attach the same one again has no effect, so that `onConnect`
   * may do it in each life.
   * @throws `OptionError` if it has another `Requests`, or this one has another connection.
   */
  attach<H extends Handler>(connection: Connection<H>): void {
    isConnection('connection', connection);
    if (this.#connection === (connection as unknown)) return;
    const core = internals(connection);
    const which = `connection ${connection.id}`;
    if (this.#connection)
      throw new OptionError('connection', `connection ${this.#connection.id} again`, connection, which);
    if (requestsOf(core))
      throw new OptionError('connection', 'one without a Requests', connection, `${which}, which has one`);
    this.#connection = connection as unknown as Connection;
    this.#core = core as unknown as Internals<Handler>;
    this.#outstanding.watcher = core.owner;
    attachRequests(core, {
      pending: () => this.pending,
      idle: () => this.idle(),
      stats: () => Object.freeze({ pending: this.pending, ...this.#outstanding.counters }),
      lifeEnded: (makeError) => this.#outstanding.lifeEnded(makeError),
    });
  }

  /**
   * Writes a request to the socket. Resolves with its answer, which `resolve()` brings. Never throws.
   * @throws (rejects) and has sent nothing: `ClosedError` when the link is down or ended; `QueueFullError` when `limit` requests
   * are pending; the reason of a `signal` that is aborted; `OptionError` for a wrong option, a key that is pending, or a key
   * where other requests have none.
   * @throws (rejects) and may have been carried out: `LifeEndedError`, with the reset, at the end of the life; `TimeoutError`;
   * the reason of the signal; what `reject()` was given.
   */
  send(chunk: string | Uint8Array, options?: SendOptions): Promise<T> {
    if (options === undefined) return this.#send(chunk, undefined, this.#timeout, undefined);
    if (hasKeyAlone(options)) return this.#send(chunk, options.key, this.#timeout, undefined);
    try {
      const { key, timeout = this.#timeout, signal } = readSend(options);
      return this.#send(chunk, key, timeout, signal);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /**
   * An answer has come: to the oldest request, or to that of the key. Call it as soon as the answer is read.
   * @returns whether a request waited for it; otherwise it is counted as late, and dropped.
   * @throws `OptionError` for a key where requests have none, and the other way round.
   */
  resolve(answer: T, key?: unknown): boolean {
    const request = this.#outstanding.answered(key);
    if (!request) return false;
    request.settled();
    request.resolve(answer);
    return true;
  }

  /** As {@link Requests.resolve}, for an answer that is an error. */
  reject(error: unknown, key?: unknown): boolean {
    const request = this.#outstanding.answered(key);
    if (!request) return false;
    request.settled();
    request.reject(error);
    return true;
  }

  /** Resolves when nothing is pending: at once, with the last answer, or at the end of the life. For `onRetire`. */
  idle(): Promise<void> {
    return this.#outstanding.idle;
  }

  #send(chunk: unknown, key: unknown, timeout: number, signal: AbortSignal | undefined): Promise<T> {
    let request: Request<T> | undefined;
    try {
      const core = this.#readyFor(chunk, key, signal);
      request = new Request<T>(key, timeout);
      this.#outstanding.add(request);
      if (signal) this.#outstanding.obey(request, signal);
      core.link.current.write(chunk as string);
      return request.answer;
    } catch (error) {
      if (request) this.#outstanding.remove(request);
      return Promise.reject(error as Error);
    }
  }

  /** The connection to send on. Throws where nothing may be sent. The errors are made elsewhere, so that V8 inlines it. */
  #readyFor(chunk: unknown, key: unknown, signal: AbortSignal | undefined): Internals<Handler> {
    const core = this.#core;
    const isChunk = typeof chunk === 'string' || ArrayBuffer.isView(chunk);
    if (!core || !isChunk || signal?.aborted) throw refusal(core, chunk, signal);
    const outstanding = this.#outstanding;
    outstanding.checkNew(key);
    if (!core.link.takesWrites || core.link.isHalfClosed) throw notConnected(core);
    if (outstanding.size >= this.#limit) throw queueFull(core, this.#limit);
    return core;
  }

  #tooLate(timeout: number): TimeoutError {
    const { endpoint } = this.#core as Internals<Handler>;
    const message = `no answer from ${formatEndpoint(endpoint)} within ${timeout} ms`;
    return new TimeoutError(message, timeout, { endpoint });
  }
}

function refusal(core: object | undefined, chunk: unknown, signal: AbortSignal | undefined): unknown {
  if (!core) return new ClosedError('attach() has not been called: nothing was sent');
  if (signal?.aborted) return abortReason(signal);
  return new OptionError('chunk', 'a string, Buffer or Uint8Array', chunk);
}

function queueFull({ endpoint }: Internals<Handler>, limit: number): QueueFullError {
  const message = `${limit} requests to ${formatEndpoint(endpoint)} wait for their answers already: nothing was sent`;
  return new QueueFullError(message, { endpoint });
}
