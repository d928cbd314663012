import { ClosedError, OptionError } from '../../primitives/errors.js';

type Callback = (error?: Error | null) => void;

/** What a writer is told while the link is down. */
export function linkDown(): ClosedError {
  return new ClosedError('write while the link is down or ended: nothing was sent');
}

/** Refuses a write or an end: nothing is kept, no `'error'`, the callback hears of it. */
export function refuse(args: readonly unknown[]): false {
  const callback = args.find((argument) => typeof argument === 'function') as Callback | undefined;
  if (callback) process.nextTick(callback, linkDown());
  return false;
}

/** Throws for what Node.js would not write either. */
export function checkChunk(chunk: unknown): void {
  if (typeof chunk !== 'string' && !ArrayBuffer.isView(chunk)) {
    throw new OptionError('chunk', 'a string, Buffer, TypedArray or DataView', chunk);
  }
}

/** Whether the arguments of `end()` have something to write. */
export function hasChunk([chunk]: readonly unknown[]): boolean {
  return chunk !== undefined && chunk !== null && typeof chunk !== 'function';
}
