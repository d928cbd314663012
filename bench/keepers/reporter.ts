import type { Handler } from 'connman';
import type { Witness } from '../lenders/lender.js';

/** The handler of one connection, as a program would have it: one object for each. */
export class Reporter implements Handler {
  readonly #witness: Witness;

  constructor(witness: Witness) {
    this.#witness = witness;
  }

  onConnect(): void {
    this.#witness.up();
  }

  onReset(): void {
    this.#witness.down();
  }

  onReconnect(): void {
    this.#witness.up();
  }

  onData(): void {}
}
