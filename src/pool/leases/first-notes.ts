import type { Handler } from '../../connection/index.js';
import { ConnmanError } from '../../primitives/errors.js';
import { stopDeadline } from '../../primitives/deadline.js';
import { turnTime } from '../../primitives/turn-time.js';
import { publishPoolRelease, wantsPoolRelease, type PoolSource } from '../../telemetry/index.js';
import type { Member } from '../members/member.js';
import { LeakWatch } from './leak-watch.js';
import { notesOf, type HeldLease, type Notes } from './lease.js';

/** What is noted on a lease when it begins. The stack of `origin` says where it was asked for. */
export function firstNotes<H extends Handler>(
  pool: PoolSource,
  { connection }: Member<H>,
  isLasting: boolean,
  leakWarning: number,
  waiter?: { readonly origin?: Error | undefined },
): Notes {
  if (!isLasting && leakWarning === 0) return { takenAt: turnTime() };
  // The stack of an error takes longer to make than all the rest.
  const leak =
    leakWarning > 0 && new LeakWatch(pool, connection, leakWarning, waiter?.origin ?? originHere());
  return {
    ...(isLasting && { isLasting }),
    ...(leak && { leak }),
    ...(wantsPoolRelease() && { takenAt: turnTime() }),
  };
}

/** A lease was given back: stops what watches it, and says so. */
export function endNotes<H extends Handler>(pool: PoolSource, lease: HeldLease<H>): void {
  const notes = notesOf(lease);
  if (notes) stopDeadline(notes.drain);
  notes?.leak?.stop();
  publishEnd(pool, lease);
}

/** Says that a lease is over. */
export function publishEnd<H extends Handler>(pool: PoolSource, lease: HeldLease<H>): void {
  if (!wantsPoolRelease()) return;
  const takenAt = notesOf(lease)?.takenAt;
  publishPoolRelease(pool, lease, takenAt === undefined ? undefined : turnTime() - takenAt);
}

/** The place of a call, for leak warnings. */
export function originHere(): Error {
  return new ConnmanError('CONNMAN_LEAK', 'a lease was taken');
}
