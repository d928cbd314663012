/** A value in the protocol of Redis, RESP2. An error reply is an `Error`. */
export type RespValue = string | number | null | Error | readonly RespValue[];

/** The longest answer, in bytes, and how deep a list in it may be. */
const longest = 4_194_304;
const deepest = 8;

/** A command: an array of texts. */
export function encodeCommand(...words: readonly string[]): string {
  const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
  return `*${words.length}\r\n${words.map(bulk).join('')}`;
}

/** Reads the values in the bytes of one life, however these are cut. */
export class RespReader {
  #input: Buffer = Buffer.alloc(0);
  #at = 0;

  /** The values that are complete. Throws for what is not RESP2, and for a value that is too long. */
  *read(chunk: Buffer): Generator<RespValue, void, undefined> {
    this.#input = Buffer.concat([this.#input, chunk]);
    for (;;) {
      this.#at = 0;
      const value = this.#value(deepest);
      if (value === undefined) break;
      this.#input = this.#input.subarray(this.#at);
      yield value;
    }
    if (this.#input.length > longest) throw new Error(`an answer has more than ${longest} bytes`);
  }

  /** The value at the present place, which moves behind it; `undefined` while it is not complete. */
  #value(depth: number): RespValue | undefined {
    const line = this.#line();
    if (line === undefined) return undefined;
    const [kind, rest] = [line.slice(0, 1), line.slice(1)];
    if (kind === '+') return rest;
    if (kind === '-') return new Error(rest.slice(0, 200));
    if (kind === ':' && /^[+-]?\d+$/.test(rest)) return Number(rest);
    const size = /^(?:\d{1,8}|-1)$/.test(rest) ? Number(rest) : NaN;
    if (kind === '$' && size <= longest) return size < 0 ? null : this.#bulk(size);
    if (kind === '*' && size <= longest && depth > 0) return size < 0 ? null : this.#list(size, depth - 1);
    throw new Error('the answer is not in the protocol of Redis');
  }

  #line(): string | undefined {
    const end = this.#input.indexOf('\r\n', this.#at);
    if (end < 0) return undefined;
    const line = this.#input.toString('utf8', this.#at, end);
    this.#at = end + 2;
    return line;
  }

  #bulk(size: number): string | undefined {
    const end = this.#at + size;
    if (this.#input.length < end + 2) return undefined;
    const text = this.#input.toString('utf8', this.#at, end);
    this.#at = end + 2;
    return text;
  }

  #list(size: number, depth: number): RespValue[] | undefined {
    const values: RespValue[] = [];
    while (values.length < size) {
      const value = this.#value(depth);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return values;
  }
}
