import type { Handler, Reset } from '../../connection/index.js';
import { addAbortListener } from '../../primitives/abort-listeners.js';
import { isError, LifeEndedError } from '../../primitives/errors.js';
import { isThenable } from '../../primitives/thenable.js';
import { lateWrite } from './lease-errors.js';
import { isHeld, noteOn, notesOf, type HeldLease, type Lease } from './lease.js';

/** Gives a lease to a function, and ends the lease with it. */
export function workOn<H extends Handler, T>(
  lease: HeldLease<H>,
  work: (lease: Lease<H>) => Promise<T> | T,
): Promise<T> | T {
  let outcome: Promise<T> | T;
  let settling: Promise<T> | undefined;
  try {
    outcome = work(lease);
    // Whatever its own `then` does, this one is safe.
    if (isThenable(outcome)) settling = Promise.resolve(outcome);
  } catch (error) {
    throw failed(lease, error);
  }
  if (!settling) return finished(lease, outcome as T);
  return new Promise<T>((resolve, reject) => {
    noteOn(lease).forfeited = reject;
    settling.then(
      (result) => resolve(finished(lease, result)),
      (error: unknown) => reject(failed(lease, error) as Error),
    );
  });
}

function finished<H extends Handler, T>(lease: HeldLease<H>, result: T): Promise<T> | T {
  const notes = notesOf(lease);
  if (notes?.writtenLate && !notes.isLasting) return outcomeUnknown(lease, notes.writtenLate, result);
  if (isHeld(lease)) lease.release();
  return result;
}

function failed<H extends Handler>(lease: HeldLease<H>, error: unknown): unknown {
  if (isHeld(lease)) lease.discard(isError(error) ? error : undefined);
  return error;
}

/** Some of what the work has written was refused: ends the life, where that is still to come, to say how it has ended. */
async function outcomeUnknown<H extends Handler>(
  lease: HeldLease<H>,
  life: AbortSignal,
  result: unknown,
): Promise<never> {
  const { pool } = lease.connection;
  if (isHeld(lease)) {
    lease.discard();
    if (!life.aborted) await new Promise<void>((resolve) => addAbortListener(life, resolve));
  }
  const { reason } = life as { reason: unknown };
  const reset = reason instanceof LifeEndedError ? (reason.reset as Reset | undefined) : undefined;
  throw lateWrite(reset, pool, result);
}
