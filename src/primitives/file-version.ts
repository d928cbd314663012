import type { BigIntStats } from 'node:fs';

/** Changes when the file is written or replaced; the size tells of two changes within one step of the clock. */
export function fileVersion({ mtimeNs, size, ino }: BigIntStats): string {
  return `${mtimeNs} ${size} ${ino}`;
}
