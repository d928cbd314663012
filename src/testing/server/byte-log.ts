/** Keeps the first bytes of a stream, up to a limit. */
export class ByteLog {
  readonly #limit: number;
  #bytes = Buffer.alloc(0);
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  append(chunk: Buffer): void {
    const length = Math.min(this.#limit, this.#length + chunk.length);
    if (length > this.#bytes.length) this.#grow(Math.min(this.#limit, length * 2));
    chunk.copy(this.#bytes, this.#length, 0, length - this.#length);
    this.#length = length;
  }

  /** A copy of the bytes from `start` to `stop`, or to the last one kept. */
  copy(start: number, stop: number): Buffer {
    return Buffer.from(this.#bytes.subarray(start, Math.min(stop, this.#length)));
  }

  /** The offset behind the first `text` at or after `from`; `undefined` if there is none. */
  endOf(text: string, from: number): number | undefined {
    const start = this.#bytes.subarray(0, this.#length).indexOf(text, from);
    return start < 0 ? undefined : start + Buffer.byteLength(text);
  }

  #grow(size: number): void {
    const grown = Buffer.alloc(size);
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
