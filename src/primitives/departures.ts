import { Deferred } from './deferred.js';
import type { Numbered } from './ordered-list.js';

/** Some that are to be gone. */
interface Group {
  /** The greatest of their numbers. */
  readonly last: number;
  left: number;
  readonly allGone: Deferred;
}

/** Waits until many are gone, without a promise for each of them. Who comes later has a greater number. */
export class Departures {
  readonly #groups: Set<Group> = new Set();

  /** Resolves when the last of these, which are all that are there, is gone. */
  wait(present: readonly Numbered[]): Promise<void> {
    const last = present.at(-1);
    if (!last) return Promise.resolve();
    const group = { last: last.id, left: present.length, allGone: new Deferred() };
    this.#groups.add(group);
    return group.allGone.promise;
  }

  gone({ id }: Numbered): void {
    for (const group of this.#groups) {
      if (id > group.last) continue;
      group.left -= 1;
      if (group.left > 0) continue;
      this.#groups.delete(group);
      group.allGone.resolve();
    }
  }
}
