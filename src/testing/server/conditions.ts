import { ClosedError } from '../../primitives/errors.js';

interface Condition {
  /** Resolves the promise if the condition holds now; returns whether it does. */
  check(): boolean;
  reject(reason: string): void;
}

/** Promises that wait for a condition. All of them are settled after {@link Conditions.end}. */
export class Conditions {
  readonly #pending = new Set<Condition>();
  #endReason: string | undefined;

  /**
   * Resolves with the result of `find` as soon as it is not `undefined`. Rejects with a ClosedError after
   * {@link Conditions.end}; its message begins with `what`.
   */
  wait<T>(what: string, find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const condition: Condition = {
        check() {
          const found = find();
          if (found !== undefined) resolve(found);
          return found !== undefined;
        },
        reject: (reason) => reject(new ClosedError(`${what}: ${reason}`)),
      };
      if (condition.check()) return;
      if (this.#endReason === undefined) this.#pending.add(condition);
      else condition.reject(this.#endReason);
    });
  }

  /** Resolves the promises whose condition holds now. To be called after each change. */
  check(): void {
    for (const condition of this.#pending) if (condition.check()) this.#pending.delete(condition);
  }

  /** Rejects the pending promises, and later ones whose condition does not hold. The reason of the first call counts. */
  end(reason: string): void {
    this.#endReason ??= reason;
    for (const condition of this.#pending) condition.reject(this.#endReason);
    this.#pending.clear();
  }
}
