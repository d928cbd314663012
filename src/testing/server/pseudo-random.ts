/** Bytes that look random and depend only on the seed (xorshift32). */
export function pseudoRandomBytes(seed: number, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  let state = Math.imul(seed, 0x9e37_79b9) | 1;
  for (let index = 0; index < count; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state & 0xff;
  }
  return bytes;
}
