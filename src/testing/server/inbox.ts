import { ByteLog } from './byte-log.js';
import { Conditions } from './conditions.js';

/** The bytes that the server has read from one connection: all are counted, the first are kept. */
export class Inbox {
  readonly #log: ByteLog;
  readonly #conditions = new Conditions();
  #length = 0;

  /** Keeps the first `keepBytes` bytes. */
  constructor(keepBytes: number) {
    this.#log = new ByteLog(keepBytes);
  }

  /** The number of bytes read. */
  get length(): number {
    return this.#length;
  }

  append(chunk: Buffer): void {
    this.#length += chunk.length;
    this.#log.append(chunk);
    this.#conditions.check();
  }

  /** A copy of the first `bytes` bytes, as far as they are read and kept. */
  copy(bytes: number): Buffer {
    return this.#log.copy(0, bytes);
  }

  /** Resolves with the first `bytes` bytes once they are read. Rejects after {@link Inbox.end}. */
  receive(what: string, bytes: number): Promise<Buffer> {
    return this.#conditions.wait(what, () => (this.#length >= bytes ? this.copy(bytes) : undefined));
  }

  /** Resolves with the bytes from `from` to the end of the first `text` behind it. Rejects after {@link Inbox.end}. */
  until(what: string, text: string, from: number): Promise<Buffer> {
    return this.#conditions.wait(what, () => {
      const stop = this.#log.endOf(text, from);
      return stop === undefined ? undefined : this.#log.copy(from, stop);
    });
  }

  /** No more bytes can come: rejects what is awaited. */
  end(reason: string): void {
    this.#conditions.end(reason);
  }
}
