import type { Findings } from './findings.js';

type Callback = (error?: Error | null) => void;

interface Entry {
  readonly what: string;
  /** The life in which the debt was made. */
  readonly life: number;
}

/** What connman owes the program: each write callback exactly once, each promise settled. */
export class Ledger {
  readonly #findings: Findings;
  readonly #callbacks: Set<Entry> = new Set();
  readonly #promises: Set<Entry> = new Set();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** A callback to hand out: to be called exactly once; with an error if the write was `refused`. */
  callback(what: string, life: number, refused: boolean): Callback {
    const entry: Entry = { what, life };
    this.#callbacks.add(entry);
    return (error) => {
      this.#findings.expect(this.#callbacks.delete(entry), () => `the callback of ${what} was called again`);
      this.#findings.expect(
        !refused || error instanceof Error,
        () => `no error for ${what}, with the link down`,
      );
    };
  }

  /** A promise that connman has made: to be settled. */
  promise(what: string, promise: Promise<unknown>, settled: (error: unknown) => void): void {
    const entry: Entry = { what, life: 0 };
    this.#promises.add(entry);
    const settle = (error?: unknown): void => {
      this.#promises.delete(entry);
      settled(error);
    };
    promise.then(
      () => settle(),
      (error: unknown) => settle(error),
    );
  }

  /** A life begins: every callback of those before must have been called. */
  lifeBegins(life: number): void {
    for (const { what, life: made } of this.#callbacks) {
      this.#findings.expect(
        made >= life,
        () => `life ${life} begins before the callback of ${what} was called`,
      );
    }
  }

  /** What is still owed. */
  get owed(): string[] {
    return [...this.#callbacks, ...this.#promises].map(({ what }) => what);
  }
}
