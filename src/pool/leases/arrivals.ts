import type { Handler } from '../../connection/index.js';
import type { Member } from '../members/member.js';

/** How many callers may wait for the first snapshot, of unknown size. */
const manyEnough = 1_000;

/** The pool, as far as it is about to be used for the first time. */
interface StartingPool<H extends Handler> {
  readonly roster: {
    readonly size: number;
    readonly ready: number;
    readonly members: { toArray(): readonly Member<H>[] };
  };
  readonly reconciler: { readonly hasAnswered: boolean } | undefined;
}

/**
 * How many connections dial for the first time. As many callers wait for a dial, not for another caller, so that `maxWaiters` does
 * not concern them.
 */
export function countArrivals<H extends Handler>({ roster, reconciler }: StartingPool<H>): number {
  if (reconciler?.hasAnswered === false) return manyEnough;
  if (roster.ready === roster.size) return 0;
  return roster.members.toArray().filter(isArriving).length;
}

function isArriving({ connection: { life, state }, status }: Member<never> | Member): boolean {
  return status !== 'leaving' && (life === 0 || (life === 1 && state === 'handshaking'));
}
