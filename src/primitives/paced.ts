/**
 * Does something to many, so many of them in a turn of the event loop: the others have to wait for the next turns, in their
 * order. So what the first of them begins goes on, in other programs as well, while the last of them wait.
 */
export class Paced<T> {
  readonly #perTurn: number;
  readonly #act: (item: T) => void;
  #waiting: T[] = [];
  /** Where the next of them is. */
  #next = 0;
  /** How many it was done to in this turn. */
  #done = 0;
  #isRunning = false;

  constructor(perTurn: number, act: (item: T) => void) {
    this.#perTurn = perTurn;
    this.#act = act;
  }

  add(item: T): void {
    if (!this.#isRunning) this.#awaitTurn();
    if (this.#done >= this.#perTurn || this.#waiting.length > 0) {
      this.#waiting.push(item);
      return;
    }
    this.#done += 1;
    this.#act(item);
  }

  #awaitTurn(): void {
    this.#isRunning = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#done = 0;
    this.#isRunning = this.#next < this.#waiting.length;
    if (!this.#isRunning) return;
    this.#awaitTurn();
    while (this.#done < this.#perTurn && this.#next < this.#waiting.length) {
      this.#done += 1;
      this.#next += 1;
      this.#act(this.#waiting[this.#next - 1] as T);
    }
    if (this.#next < this.#waiting.length) return;
    this.#waiting = [];
    this.#next = 0;
  }
}
