import { ClosedError } from '../../primitives/errors.js';

/** The promises that wait for something which others will cause; none of them outlives {@link Conditions.end}. */
export class Conditions {
  readonly #open = new Set<{ attempt(): boolean; fail(reason: string): void }>();
  #over: string | undefined;

  /** Resolves with what `find` returns, as soon as that is not `undefined`; rejects once the waits are over. */
  wait<T>(what: string, find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const wait = {
        attempt(): boolean {
          const found = find();
          if (found !== undefined) resolve(found);
          return found !== undefined;
        },
        fail: (reason: string) => reject(new ClosedError(`${what}: ${reason}`)),
      };
      if (wait.attempt()) return;
      if (this.#over === undefined) this.#open.add(wait);
      else wait.fail(this.#over);
    });
  }

  /** Something has changed: settles the waits that are now fulfilled. */
  check(): void {
    for (const wait of this.#open) if (wait.attempt()) this.#open.delete(wait);
  }

  /** Nothing will change any more: rejects the waits that are left, and those to come. */
  end(reason: string): void {
    this.#over ??= reason;
    for (const wait of this.#open) wait.fail(this.#over);
    this.#open.clear();
  }
}
