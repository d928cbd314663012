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

/** A list of which items are missing. */
interface OpenList {
  readonly size: number;
  readonly values: RespValue[];
}

/** Reads the values in the bytes of one life, however these are cut: each byte once. */
export class RespReader {
  #input: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Where the value under way begins, and its lists, the outermost first. */
  #begin = 0;
  readonly #lists: OpenList[] = [];

  /** The values that are complete. Throws for what is not RESP2, and for a value that is too long. */
  *read(chunk: Buffer): Generator<RespValue, void, undefined> {
    this.#input = Buffer.concat([this.#input.subarray(this.#at), chunk]);
    this.#begin -= this.#at;
    this.#at = 0;
    for (let item = this.#item(); item !== undefined; item = this.#item()) {
      const value = this.#place(item);
      if (value === undefined) continue;
      this.#begin = this.#at;
      yield value;
    }
    if (this.#input.length - this.#begin > longest)
      throw new Error(`an answer has more than ${longest} bytes`);
  }

  /** The next value that is no list, or an empty one; `undefined` while it is not complete. */
  #item(): RespValue | undefined {
    const begin = this.#at;
    const line = this.#line();
    if (line === undefined) return undefined;
    const [kind, rest] = [line.slice(0, 1), line.slice(1)];
    if (kind === '+') return rest;
    if (kind === '-') return new Error(rest.slice(0, 200));
    if (kind === ':' && /^[+-]?\d+$/.test(rest)) return Number(rest);
    const size = /^(?:\d{1,8}|-1)$/.test(rest) ? Number(rest) : NaN;
    if (kind === '$' && size <= longest) return size < 0 ? null : this.#bulk(size, begin);
    if (kind !== '*' || !(size <= longest) || this.#lists.length === deepest)
      throw new Error('the answer is not in the protocol of Redis');
    if (size <= 0) return size < 0 ? null : [];
    this.#lists.push({ size, values: [] });
    return this.#item();
  }

  /** Puts a value into the list that it is of. Returns the whole value once it is complete. */
  #place(item: RespValue): RespValue | undefined {
    let value = item;
    for (let list = this.#lists.at(-1); list; list = this.#lists.at(-1)) {
      list.values.push(value);
      if (list.values.length < list.size) return undefined;
      value = list.values;
      this.#lists.pop();
    }
    return value;
  }

  #line(): string | undefined {
    const end = this.#input.indexOf('\r\n', this.#at);
    if (end < 0) return undefined;
    const line = this.#input.toString('utf8', this.#at, end);
    this.#at = end + 2;
    return line;
  }

  /** A text of this size; its line begins at `begin`, to be read again while the text is not complete. */
  #bulk(size: number, begin: number): string | undefined {
    const end = this.#at + size;
    if (this.#input.length < end + 2) {
      this.#at = begin;
      return undefined;
    }
    const text = this.#input.toString('utf8', this.#at, end);
    this.#at = end + 2;
    return text;
  }
}
