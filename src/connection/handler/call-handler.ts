import type { AsyncResource } from 'node:async_hooks';
import { isThenable } from '../../primitives/thenable.js';
import type { CloseReason, DialFailure, Reset } from '../stats/counters.js';
import type { Connection, Handler } from './connection.js';
import { isLifeEnded } from './life-signal.js';

/** Whose callbacks are called. */
export interface HandlerOwner {
  readonly handler: Handler;
  /** The connection as the application knows it: the last argument of the callbacks. */
  readonly face: Connection;
  /** The async context in which the handler's callbacks run. */
  readonly context: AsyncResource;
  /** A callback of the handler, or other user code, threw or rejected. */
  handlerFailed(error: unknown, where: string): void;
}

/** Hands an error of user code to `onError`. Without `onError` it is thrown on a turn of its own. */
export function reportError(owner: HandlerOwner, error: unknown, where: string): void {
  const { handler, context, face } = owner;
  owner.handlerFailed(error, where);
  if (!handler.onError) {
    throwLater(error);
    return;
  }
  try {
    watch(context.runInAsyncScope(handler.onError, handler, error, where, face), throwLater);
  } catch (thrown) {
    throwLater(thrown);
  }
}

/** Hands an error of user code to `onError`, if there is one. For errors that come when nothing depends on them any more. */
export function mentionError(owner: HandlerOwner, error: unknown, where: string): void {
  if (owner.handler.onError) reportError(owner, error, where);
  else owner.handlerFailed(error, where);
}

/** The callbacks that are told something and decide nothing, with what they are told. */
interface Told {
  onReset: Reset;
  onRetry: DialFailure;
  onClose: CloseReason;
}

type Tellable = { [Name in keyof Told]?: (what: Told[Name], connection: Connection) => unknown };

/** Calls a callback of the handler, if there is one, as {@link callSafely} does. */
export function tellHandler<Name extends keyof Told>(
  owner: HandlerOwner,
  name: Name,
  what: Told[Name],
): void {
  const handler: Tellable = owner.handler;
  callSafely(owner, name, () => handler[name]?.(what, owner.face));
}

/**
 * Calls `onRetire`, and `answered` once what it has begun is over. What it throws, or rejects with, is reported, unless it says no
 * more than that the life is over.
 */
export function askToRetire(owner: HandlerOwner, reason: Error | undefined, answered: () => void): void {
  const { handler, context, face } = owner;
  const failed = (error: unknown): void => {
    if (!isLifeEnded(error)) reportError(owner, error, 'onRetire');
    answered();
  };
  try {
    const outcome: unknown = context.runInAsyncScope(() => handler.onRetire?.(reason, face));
    if (isThenable(outcome)) outcome.then(() => answered(), failed);
    else answered();
  } catch (error) {
    failed(error);
  }
}

/** The present socket has emitted `'drain'`. */
export function tellOfDrain(owner: HandlerOwner): void {
  callSafely(owner, 'onDrain', () => owner.handler.onDrain?.(owner.face));
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

function watch(outcome: unknown, failed: (error: unknown) => void): void {
  if (isThenable(outcome)) outcome.then(undefined, failed);
}

function throwLater(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
