/** How often things happened over many runs: shows what a test has reached. */
export class Tally {
  readonly #counts: Map<string, number> = new Map();

  count(what: string, by = 1): void {
    this.#counts.set(what, this.of(what) + by);
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** Everything counted, by name. */
  summary(): string {
    const entries = [...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return entries.map(([what, count]) => `${what} ${count}`).join(', ');
  }
}
