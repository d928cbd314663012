interface Turn {
  readonly endedAt: number;
  readonly length: number;
}

/** Shorter turns, in milliseconds, are not worth remembering: there are very many of them. */
const shortest = 1;

/** How long the turns of the event loop take. */
export class EventLoopTurns {
  readonly #turns: Turn[] = [];
  #lastAt = performance.now();
  #isStopped = false;

  start(): void {
    setImmediate(() => {
      const endedAt = performance.now();
      const length = endedAt - this.#lastAt;
      this.#lastAt = endedAt;
      if (length >= shortest) this.#turns.push({ endedAt, length });
      if (!this.#isStopped) this.start();
    });
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** The longest so far. */
  get longest(): number {
    return this.#turns.reduce((most, { length }) => Math.max(most, length), 0);
  }

  /** The two longest together that ended after that moment, the present one included. */
  twoLongestSince(moment: number): number {
    let [longest, second] = [performance.now() - this.#lastAt, 0];
    for (let index = this.#turns.length - 1; index >= 0; index -= 1) {
      const { endedAt, length } = this.#turns[index] as Turn;
      if (endedAt < moment) break;
      second = Math.max(second, Math.min(longest, length));
      longest = Math.max(longest, length);
    }
    return longest + second;
  }
}
