import { readdirSync } from 'node:fs';

/** What a process takes, in bytes. */
export interface Footprint {
  readonly heap: number;
  readonly rss: number;
}

const collections = 8;

/** The memory in use when what can be collected is; needs `--expose-gc`. */
export async function memoryInUse(left: number = collections): Promise<Footprint> {
  globalThis.gc?.();
  await new Promise(setImmediate);
  if (left > 1) return memoryInUse(left - 1);
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss };
}

/** How many file descriptors this process has open; nothing where the system does not tell. */
export function openDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
