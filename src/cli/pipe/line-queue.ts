const lineEnd = 0x0a;
/** A line without an end is passed on in parts, from this many bytes on. */
const longestLine = 1_048_576;

/** How much something is. */
export class Amount {
  lines = 0;
  bytes = 0;

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    for (let at = chunk.indexOf(lineEnd); at >= 0; at = chunk.indexOf(lineEnd, at + 1)) this.lines += 1;
  }

  clear(): void {
    this.lines = 0;
    this.bytes = 0;
  }
}

/** Bytes that were read and not written yet. It gives them out in whole lines, so that no line is torn by the end of a life. */
export class LineQueue {
  readonly #givesParts: boolean;
  #bytes: Buffer = Buffer.alloc(0);
  #hasEnded = false;

  /** Whether parts of lines may be given out as well. */
  constructor(givesParts: boolean) {
    this.#givesParts = givesParts;
  }

  get isEmpty(): boolean {
    return this.#bytes.length === 0;
  }

  add(chunk: Buffer): void {
    this.#bytes = this.isEmpty ? chunk : Buffer.concat([this.#bytes, chunk]);
  }

  /** No more comes: what follows the last line is a line as well. */
  end(): void {
    this.#hasEnded = true;
  }

  /** As many lines as fit into `most` bytes, at least one; nothing while there is no whole one. */
  take(most: number): Buffer | undefined {
    const length = this.#lengthToGive(most);
    if (length === 0) return undefined;
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  /** Takes all that is left. */
  takeAll(): Buffer {
    const taken = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return taken;
  }

  #lengthToGive(most: number): number {
    const { length } = this.#bytes;
    if (this.#givesParts) return Math.min(length, most);
    const fitting = this.#bytes.lastIndexOf(lineEnd, most - 1) + 1;
    if (fitting > 0) return fitting;
    const first = this.#bytes.indexOf(lineEnd) + 1;
    if (first > 0) return first;
    return this.#hasEnded || length >= longestLine ? length : 0;
  }
}
