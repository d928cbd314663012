import { readdirSync } from 'node:fs';

const collections = 4;

/** How many file descriptors this process has open; nothing where the system does not tell. */
export function openDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}

/** Bytes of heap in use when what can be collected is; needs `--expose-gc`. */
export async function heapInUse(left: number = collections): Promise<number> {
  globalThis.gc?.();
  await new Promise(setImmediate);
  return left > 1 ? heapInUse(left - 1) : process.memoryUsage().heapUsed;
}
