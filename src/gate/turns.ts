import type { Admission } from './admission.js';
import type { DialQueue, Urgency } from './dial-queue.js';
import type { DialRequester } from './dial-requester.js';

/** Whose turn it is to dial. */
export interface Turn {
  readonly requester: DialRequester;
  /** Which of the classes of requesters it is the turn of. */
  readonly of: number;
  readonly urgency: Urgency;
}

/** The first of a class that may dial now. */
type Head = (queue: DialQueue, admission: Admission, now: number) => DialRequester | undefined;

const urgent: Head = (queue, admission, now) =>
  admission.opensAt('urgent') <= now ? queue.urgent.first : undefined;

/** Good endpoints need no favours for those that a caller waits for: turns come soon. */
const whenGood: readonly Head[] = [
  urgent,
  (queue, admission, now) => (admission.opensAt('new') <= now ? queue.new.first : undefined),
  (queue, admission, now) => (admission.opensAt('normal') <= now ? queue.normal.first : undefined),
];

/** In trouble no new ones are added: those that are here were here before the others. */
const inTrouble: readonly Head[] = [
  urgent,
  (queue, admission, now) =>
    admission.opensAt('normal') <= now
      ? (queue.new.find(isWanted) ?? queue.normal.find(isWanted))
      : undefined,
  (queue, admission, now) =>
    admission.opensAt('normal') <= now ? (queue.new.first ?? queue.normal.first) : undefined,
];

/** Before the first turn. */
export const noTurn: number = whenGood.length - 1;

/**
 * Whose turn it is now, if anybody's. Urgent requesters go first, then new ones, or in trouble those that a caller waits for,
 * and then the rest. But no class has two turns in a row while one of another may dial; `last` is that of the last turn.
 */
export function nextTurn(
  queue: DialQueue,
  admission: Admission,
  now: number,
  last: number,
): Turn | undefined {
  const heads = admission.health === 'good' ? whenGood : inTrouble;
  for (let step = 1; step <= heads.length; step += 1) {
    const of = (last + step) % heads.length;
    const requester = heads[of]?.(queue, admission, now);
    if (requester) return { requester, of, urgency: of === 0 ? 'urgent' : waiting(queue, requester) };
  }
  return undefined;
}

function waiting(queue: DialQueue, requester: DialRequester): Urgency {
  return queue.normal.has(requester) ? 'normal' : 'new';
}

function isWanted(requester: DialRequester): boolean {
  return requester.isWanted;
}
