import type { AsyncResource } from 'node:async_hooks';
import { controllerForAll } from '../../primitives/abort-listeners.js';
import type { Endpoint } from '../../primitives/endpoint.js';
import type { DialPhase } from '../../primitives/errors.js';
import type { ResolvedOptions } from '../options/options.js';
import type { DialProgress, Source } from '../socket/link.js';
import type { PreludeContext, PreludeSocket } from '../socket/prelude-socket.js';

/** Who dials. */
interface DialOwner {
  readonly endpoint: Endpoint;
  readonly options: Pick<ResolvedOptions, 'prelude'>;
  isDialling(dial: Dial): boolean;
}

/** One dial. */
export class Dial implements DialProgress {
  phase: DialPhase = 'connect';
  /** Whether the application is asked for the options of TLS: until then, the endpoint is not dialled. */
  isAsking = false;
  /** What is wrong with the answer of the application: no other dial follows. */
  hopeless: Error | undefined;
  readonly endpoint: Endpoint;
  readonly #owner: DialOwner;
  readonly #context: AsyncResource;
  #controller: AbortController | undefined;

  /** `context` is where code of the application runs. */
  constructor(owner: DialOwner, context: AsyncResource) {
    this.#owner = owner;
    this.#context = context;
    this.endpoint = owner.endpoint;
  }

  /** Whether it is still going on. */
  get isCurrent(): boolean {
    return this.#owner.isDialling(this);
  }

  runPrelude(socket: PreludeSocket): unknown {
    const { prelude } = this.#owner.options;
    return this.#context.runInAsyncScope(() => prelude?.(socket, this.#told));
  }

  async ask<T>(source: Source, read: (answer: unknown) => T): Promise<T> {
    const { phase } = this;
    this.phase = 'tls';
    this.isAsking = true;
    // Not in the midst of what has led to this dial.
    await Promise.resolve();
    if (!this.isCurrent) throw new Error('the dial was given up');
    const answer: unknown = await this.#context.runInAsyncScope(() => source(this.endpoint, this.#told));
    const given = this.#read(answer, read);
    this.phase = phase;
    this.isAsking = false;
    return given;
  }

  #read<T>(answer: unknown, read: (answer: unknown) => T): T {
    try {
      return read(answer);
    } catch (error) {
      this.hopeless = error as Error;
      throw error;
    }
  }

  /** Told in the midst of a change, which is no place for code of the application. */
  calledOff(): void {
    if (this.#controller) process.nextTick(() => this.givenUp(new Error('the dial was called off')));
  }

  /** It has failed, or was called off. */
  givenUp(reason: Error): void {
    this.#controller?.abort(reason);
  }

  get #told(): PreludeContext {
    this.#controller ??= controllerForAll();
    return { endpoint: this.endpoint, signal: this.#controller.signal };
  }
}
