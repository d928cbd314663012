import { StringDecoder } from 'node:string_decoder';
import { expect } from 'vitest';
import type { Plan } from './plan.js';

/** What the program has read in one life. */
export class Life {
  readonly plan: Plan;
  readonly #chunks: (Buffer | string)[] = [];
  readonly #endIt: () => void;
  /** Whether the program is not to read now. */
  isStopped = false;

  /** `endIt` ends the life, where the program is to do that while it reads. */
  constructor(plan: Plan, endIt: () => void) {
    this.plan = plan;
    this.#endIt = endIt;
  }

  /** The program has read this; says whether it is to read on. */
  take(chunk: Buffer | string): boolean {
    // A copy: a shared read buffer is filled again.
    const isFirst = this.#chunks.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk)) === 1;
    if (isFirst && this.plan.isInside) this.#endIt();
    if (isFirst && this.plan.isHeld) this.isStopped = true;
    return !this.isStopped;
  }

  /** How many chunks were read. */
  get count(): number {
    return this.#chunks.length;
  }

  /** Fails unless what was read are the first bytes of what the server has sent in this life, or all of them. */
  expectRead(sent: Buffer, encoding: BufferEncoding | undefined, isAll: boolean): void {
    const name = `read in life ${this.plan.life}`;
    if (encoding === undefined) {
      const read = Buffer.concat(this.#chunks as Buffer[]);
      expectPart(name, read, sent, isAll);
      return;
    }
    expect(this.#chunks.every((chunk) => typeof chunk === 'string')).toBe(true);
    const text = this.#chunks.join('');
    const all = decoded(sent, encoding);
    if (!isAll && !all.startsWith(text) && isFlushed(text, sent, encoding)) return;
    expectPart(name, Buffer.from(text), Buffer.from(all), isAll);
  }
}

function decoded(bytes: Buffer, encoding: BufferEncoding): string {
  const decoder = new StringDecoder(encoding);
  return decoder.write(bytes) + decoder.end();
}

/** Whether the text is that of the first bytes, cut inside a character: what there is of it comes at the end of the input. */
function isFlushed(text: string, sent: Buffer, encoding: BufferEncoding): boolean {
  const whole = Buffer.from(text.slice(0, -4), encoding).length;
  return [0, 1, 2, 3, 4, 5, 6, 7, 8].some(
    (more) => decoded(sent.subarray(0, whole + more), encoding) === text,
  );
}

/** Fails unless `part` is the beginning of `whole`, or all of it. */
export function expectPart(name: string, part: Buffer, whole: Buffer, isAll: boolean): void {
  const wanted = isAll ? whole : whole.subarray(0, part.length);
  if (part.equals(wanted)) return;
  const at = part.findIndex((byte, index) => byte !== wanted[index]);
  const from = at < 0 ? Math.min(part.length, wanted.length) : at;
  expect.fail(
    `${name}: ${part.length} of ${whole.length} bytes, another from ${from}: ${excerpt(part, from)} instead of ${excerpt(wanted, from)}`,
  );
}

function excerpt(bytes: Buffer, from: number): string {
  return JSON.stringify(bytes.subarray(Math.max(0, from - 20), from + 40).toString());
}
