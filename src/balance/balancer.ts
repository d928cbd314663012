import type { Candidate, Picker } from './candidate.js';

type MakePicker = <T extends Candidate>() => Picker<T>;

/** A way to choose which ready connection is used next: a value for the option `pick`, also of several pools. */
export class Balancer<in C = never> {
  /** Only a type: the connections that it can choose from. */
  declare protected readonly candidates: ((connection: C) => void) | undefined;
  /** What it is called, in errors and inspection. */
  readonly name: string;
  readonly #make: MakePicker;

  /** @internal */
  constructor(name: string, make: MakePicker) {
    this.name = name;
    this.#make = make;
    Object.freeze(this);
  }

  /** @internal A picker for one pool. */
  makePicker<T extends Candidate>(): Picker<T> {
    return this.#make<T>();
  }
}
