/** How many answers are given at once in a turn of the event loop. */
const perTurn = 1_000;

/**
 * Keeps a loop that awaits what is there already from starving the event loop: such promises are settled before any input is read,
 * so that the loop would wait for ever for what only input can change.
 */
export class TurnBudget {
  #left = perTurn;

  /** Whether to answer at once. Otherwise, {@link nextTurn} comes first. */
  take(): boolean {
    if (this.#left === perTurn) setImmediate(() => (this.#left = perTurn)).unref();
    if (this.#left === 0) return false;
    this.#left -= 1;
    return true;
  }

  /** Resolves in another turn, after what has come in meanwhile. */
  nextTurn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}
