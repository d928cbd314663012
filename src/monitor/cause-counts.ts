const most = 64;

/** How often something has happened, by code. Codes are made up by applications as well: beyond 64 they count as `other`. */
export class CauseCounts {
  readonly #counts = new Map<string, number>();

  add(code: string): void {
    const known = this.#counts.has(code) || this.#counts.size < most;
    const name = known ? code : 'other';
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** The most frequent first. */
  toArray(): [code: string, count: number][] {
    return [...this.#counts].toSorted(([, one], [, other]) => other - one);
  }
}
