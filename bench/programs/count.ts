/** Counts to a number, up or down. */
export class Count {
  #value = 0;
  readonly #waiting = new Map<number, () => void>();

  add(change: number): void {
    this.#value += change;
    this.#waiting.get(this.#value)?.();
  }

  /** Resolves once it is that number: at once if it is now. */
  reached(value: number): Promise<void> {
    if (this.#value === value) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(value, resolve));
  }
}
