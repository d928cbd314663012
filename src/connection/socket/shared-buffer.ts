import type { OnReadOpts } from 'node:net';

const size = 65_536;
let buffer: Buffer | undefined;

/**
 * Reads into one buffer that all such connections share. Node.js fills it and delivers it within one turn, so no two reads
 * overlap. The chunk is valid only inside `deliver`.
 */
export function readIntoSharedBuffer(deliver: (chunk: Buffer) => void): OnReadOpts {
  buffer ??= Buffer.allocUnsafeSlow(size);
  return {
    buffer,
    callback: (length, filled) => {
      deliver((filled as Buffer).subarray(0, length));
      return true;
    },
  };
}
