/**
 * A 32-bit hash of a text and a seed; not cryptographic. Each code unit is mixed in by a multiplication and a shift. At the
 * end, the finalizer of MurmurHash3 makes every bit depend on every other, so that texts that differ only in their last digit
 * are as far apart as any others.
 */
export function hash(text: string, seed: number): number {
  let state = seed ^ text.length;
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x9e37_79b1);
    state ^= state >>> 15;
  }
  return mix(state);
}

/** Makes every bit of a number depend on every other. */
export function mix(state: number): number {
  const first = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2_ae35);
  return (second ^ (second >>> 16)) >>> 0;
}
