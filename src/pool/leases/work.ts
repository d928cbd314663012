import type { Handler, Reset } from '../../connection/index.js';
import { addAbortListener } from '../../primitives/abort-listeners.js';
import { LifeEndedError } from '../../primitives/errors.js';
import { lateWrite } from './lease-errors.js';
import { isHeld, noteOn, notesOf, type HeldLease, type Lease } from './lease.js';

/** Gives a lease to a function, and ends the lease with it. */
export function workOn<H extends Handler, T>(
  lease: HeldLease<H>,
  work: (lease: Lease<H>) => Promise<T> | T,
): Promise<T> {
  if (notesOf(lease)?.isLasting) return run(lease, work);
  return new Promise<T>((resolve, reject) => {
    noteOn(lease).forfeited = reject;
    run(lease, work).then(resolve, reject);
  });
}

async function run<H extends Handler, T>(
  lease: HeldLease<H>,
  work: (lease: Lease<H>) => Promise<T> | T,
): Promise<T> {
  let result: T;
  try {
    result = await work(lease);
  } catch (error) {
    if (isHeld(lease)) lease.discard(error instanceof Error ? error : undefined);
    throw error;
  }
  const notes = notesOf(lease);
  if (notes?.writtenLate && !notes.isLasting) throw await outcomeUnknown(lease, notes.writtenLate, result);
  if (isHeld(lease)) lease.release();
  return result;
}

/** Some of what the work has written was refused: ends the life, where that is still to come, to say how it has ended. */
async function outcomeUnknown<H extends Handler>(
  lease: HeldLease<H>,
  life: AbortSignal,
  result: unknown,
): Promise<Error> {
  const { pool } = lease.connection;
  if (isHeld(lease)) {
    lease.discard();
    if (!life.aborted) await new Promise<void>((resolve) => addAbortListener(life, resolve));
  }
  const { reason } = life as { reason: unknown };
  const reset = reason instanceof LifeEndedError ? (reason.reset as Reset | undefined) : undefined;
  return lateWrite(reset, pool, result);
}
