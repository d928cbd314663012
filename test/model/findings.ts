/** How many of the last events a finding is reported with. */
const remembered = 60;

/**
 * What was found wrong in one run, and the last events before it. Collected instead of thrown: an error thrown inside a
 * callback would be connman's to handle.
 */
export class Findings {
  readonly #wrong: string[] = [];
  #trace: string[] = [];

  /** Something happened: to be shown if something turns out to be wrong. */
  note(event: string): void {
    this.#trace.push(event);
    if (this.#trace.length > 2 * remembered) this.#trace = this.#trace.slice(-remembered);
  }

  /** Something is wrong. */
  add(what: string): void {
    this.#wrong.push(what);
    this.note(`WRONG: ${what}`);
  }

  /** Reports what is wrong unless the condition holds. */
  expect(holds: boolean, what: () => string): void {
    if (!holds) this.add(what());
  }

  /** Throws what was found, if anything was. */
  throwIfAny(): void {
    if (this.#wrong.length === 0) return;
    const wrong = this.#wrong.splice(0).slice(0, 5);
    throw new Error(`${wrong.join('\n')}\nLast events:\n  ${this.#trace.slice(-remembered).join('\n  ')}`);
  }
}
