import { types } from 'node:util';

/** Whether it is something to wait for. */
export function isThenable<T>(value: PromiseLike<T> | T): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** A promise where no promise was asked for: nobody else would hear of its rejection, which would end the process. */
export function ignoreRejection(answer: unknown): void {
  if (types.isPromise(answer)) answer.catch(() => undefined);
}
