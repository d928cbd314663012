import { Output } from './output.js';
import { causeText } from './cause.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a command talks to, and what tells it to end. */
export class Terminal {
  readonly out: Output;
  readonly err: Output;
  readonly #stop = new AbortController();
  #outputError: Error | undefined;

  constructor(host: Pick<NodeJS.Process, 'stdout' | 'stderr' | 'env' | 'on' | 'off'>) {
    const { stdout, stderr, env } = host;
    this.out = new Output(stdout, env);
    this.err = new Output(stderr, env);
    // Only the first one is caught: a second one, of either kind, ends the process at once.
    const stop = (name: NodeJS.Signals): void => {
      for (const each of signals) host.off(each, stop);
      this.#stop.abort(name);
    };
    for (const each of signals) host.on(each, stop);
    stdout.on('error', (error) => {
      this.#outputError ??= error;
      this.#stop.abort(error);
    });
    // The reader of the output has gone.
    stderr.on('error', () => {});
  }

  /** Aborted by SIGINT, SIGTERM and SIGHUP, and when the reader of the output has gone. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Whether the reader of the output is gone, as in `| head -1`. */
  get isBroken(): boolean {
    return this.#outputError !== undefined && causeText(this.#outputError) === 'EPIPE';
  }

  /** What else is wrong with the output, such as a full disk. */
  get outputError(): Error | undefined {
    return this.isBroken ? undefined : this.#outputError;
  }

  /** Resolves once {@link Terminal.stop} is aborted. */
  stopped(): Promise<void> {
    return new Promise((resolve) => {
      if (this.stop.aborted) resolve();
      else this.stop.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}
