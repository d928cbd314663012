import { ClosedError, OptionError } from '../../primitives/errors.js';

type Callback = (error?: Error | null) => void;

/** The error of a write that was refused. */
export function linkDown(): ClosedError {
  return new ClosedError('write while the link is down or ended: nothing was sent');
}

/** Refuses a write or an end: only its callback is told. */
export function refuse(args: readonly unknown[]): false {
  const callback = args.find((argument) => typeof argument === 'function') as Callback | undefined;
  if (callback) process.nextTick(callback, linkDown());
  return false;
}

/** Whether someone is told of the refusal. */
export function hasCallback(args: readonly unknown[]): boolean {
  return args.some((argument) => typeof argument === 'function');
}

/** Throws for a chunk that Node.js would not write either. */
export function checkChunk(chunk: unknown): void {
  if (typeof chunk !== 'string' && !ArrayBuffer.isView(chunk)) {
    throw new OptionError('chunk', 'a string, Buffer, TypedArray or DataView', chunk);
  }
}

/** Whether the arguments of `end()` contain data. */
export function hasChunk([chunk]: readonly unknown[]): boolean {
  return chunk !== undefined && chunk !== null && typeof chunk !== 'function';
}
