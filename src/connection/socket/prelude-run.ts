import type { Socket } from 'node:net';
import { nextTurn } from '../../primitives/next-turn.js';
import { toError } from '../../primitives/to-error.js';
import { PreludeStream, type PreludeSocket } from './prelude-socket.js';

/** How a prelude has ended. */
export type PreludeOutcome =
  | { readonly error: Error; readonly rest?: undefined }
  /** What it has read and not consumed. */
  | { readonly error?: undefined; readonly rest: readonly Buffer[] };

/**
 * One run of a prelude. Its socket gives it all that is read, through {@link take}. It ends once: with the outcome, or because
 * the socket is lost.
 */
export class PreludeRun {
  readonly #stream: PreludeStream;
  readonly #done: (outcome: PreludeOutcome) => void;
  #isOver = false;
  /** The prelude has resolved, and what it has written is not sent yet. */
  #isFlushing = false;
  #hasPeerEnded = false;

  constructor(socket: Socket, done: (outcome: PreludeOutcome) => void) {
    this.#done = done;
    this.#stream = new PreludeStream(
      socket,
      () => this.#flushed(),
      // What the prelude throws next says more.
      (error) => this.#failLater(error ?? new Error('the prelude has ended its socket')),
    );
  }

  start(prelude: (socket: PreludeSocket) => unknown): void {
    let outcome: unknown;
    try {
      outcome = prelude(this.#stream);
    } catch (thrown) {
      this.#fail(toError(thrown));
      return;
    }
    Promise.resolve(outcome).then(
      () => this.#resolved(),
      (error: unknown) => this.#fail(toError(error)),
    );
  }

  /** What the socket has read; `null` when the peer has ended its side. Returns whether to read on. */
  take(chunk: Buffer | null): boolean {
    if (chunk !== null) return this.#stream.receive(chunk);
    this.#hasPeerEnded = true;
    // The prelude may still read what came before, and say what is wrong.
    if (this.#stream.readableLength === 0) this.#failLater(peerEnded());
    else this.#stream.once('end', () => this.#failLater(peerEnded()));
    return this.#stream.receive(null);
  }

  /** The socket is lost, or the dial is given up. */
  lost(error: Error): void {
    this.#isOver = true;
    this.#stream.fail(error);
  }

  #resolved(): void {
    if (this.#isOver) return;
    const stream = this.#stream;
    if (this.#hasPeerEnded) return this.#fail(peerEnded());
    if (stream.destroyed || stream.writableEnded)
      return this.#fail(new Error('the prelude has ended its socket'));
    while (stream.writableCorked > 0) stream.uncork();
    this.#isFlushing = true;
    this.#flushed();
  }

  #flushed(): void {
    if (!this.#isFlushing || this.#isOver || this.#stream.writableLength > 0) return;
    this.#isOver = true;
    this.#done({ rest: this.#stream.finish() });
  }

  #failLater(error: Error): void {
    nextTurn(() => this.#fail(error));
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#done({ error });
    this.#stream.fail(error);
  }
}

/** As Node.js has it for a TLS handshake. */
function peerEnded(): Error {
  const error = new Error('the peer has ended the link before the prelude was over');
  return Object.assign(error, { code: 'ECONNRESET' });
}
