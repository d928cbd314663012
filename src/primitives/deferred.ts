/** A promise that is resolved from outside. */
export class Deferred {
  resolve!: () => void;
  readonly promise: Promise<void> = new Promise((resolve) => {
    this.resolve = resolve;
  });
}
