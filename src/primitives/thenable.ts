import { types } from 'node:util';

/** Whether it is something to wait for. */
export function isThenable<T>(value: PromiseLike<T> | T): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** Hears the rejection of a promise that the caller did not ask for. Without this it would end the process. */
export function ignoreRejection(answer: unknown): void {
  if (types.isPromise(answer)) answer.catch(() => undefined);
}
