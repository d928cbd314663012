import type { AsyncResource } from 'node:async_hooks';
import type { Handler } from './handler.js';

/** Whose callbacks are called. */
export interface HandlerOwner {
  readonly handler: Handler;
  /** The async context in which the handler's callbacks run. */
  readonly context: AsyncResource;
  /** A callback of the handler, or other user code, threw or rejected. */
  handlerFailed(error: unknown, where: string): void;
}

/** Hands an error of user code to `onError`. Without `onError` it is thrown on a turn of its own. */
export function reportError(owner: HandlerOwner, error: unknown, where: string): void {
  const { handler, context } = owner;
  owner.handlerFailed(error, where);
  if (!handler.onError) {
    throwLater(error);
    return;
  }
  try {
    watch(context.runInAsyncScope(handler.onError, handler, error, where), throwLater);
  } catch (thrown) {
    throwLater(thrown);
  }
}

/** Hands an error of user code to `onError`, if there is one. For errors that come when nothing depends on them any more. */
export function mentionError(owner: HandlerOwner, error: unknown, where: string): void {
  if (owner.handler.onError) reportError(owner, error, where);
  else owner.handlerFailed(error, where);
}

/** Calls one callback in its context. What it throws, or rejects with, is reported and goes no further. */
export function callSafely(owner: HandlerOwner, where: string, callback: () => unknown): void {
  try {
    const outcome = owner.context.runInAsyncScope(callback);
    if (outcome !== undefined) watch(outcome, (error) => reportError(owner, error, where));
  } catch (error) {
    reportError(owner, error, where);
  }
}

/**
 * Delivers a chunk as {@link callSafely} would, without a closure for each one. It enters no context: a link is made in the
 * context of its connection, so its data arrives there.
 */
export function deliver(owner: HandlerOwner, chunk: Buffer): void {
  try {
    const outcome: unknown = owner.handler.onData?.(chunk);
    if (outcome !== undefined) watch(outcome, (error) => reportError(owner, error, 'onData'));
  } catch (error) {
    reportError(owner, error, 'onData');
  }
}

/** Whether a callback returned something to wait for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

function watch(outcome: unknown, failed: (error: unknown) => void): void {
  if (isThenable(outcome)) outcome.then(undefined, failed);
}

function throwLater(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
