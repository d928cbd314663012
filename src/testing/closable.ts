/** Something that is closed once, however often it is asked to. */
export abstract class Closable {
  #closing: Promise<void> | undefined;

  /** Closes it for good; resolves once everything is gone. Calling it again does nothing more. */
  close(): Promise<void> {
    this.#closing ??= this.shut();
    return this.#closing;
  }

  /** `await using`: closes. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Whether it is closed, or about to be. */
  protected get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  /** What closing it takes; called once. */
  protected abstract shut(): Promise<void>;
}
