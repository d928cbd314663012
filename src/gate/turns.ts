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

/** The classes that take turns, by number. A class has turns of its own: one that shared those of another could starve. */
type Heads = Readonly<Partial<Record<number, Head>>>;

const urgent: Head = (queue, admission, now) =>
  admission.opensAt('urgent') <= now ? queue.urgent.first : undefined;

const doubtful: Head = (queue, admission, now) =>
  admission.opensAt('doubtful') <= now ? queue.doubtful.first : undefined;

/** Good endpoints need no favours for those that a caller waits for: turns come soon. */
const whenGood: Heads = {
  0: urgent,
  1: (queue, admission, now) => (admission.opensAt('new') <= now ? queue.new.first : undefined),
  2: (queue, admission, now) => (admission.opensAt('normal') <= now ? queue.normal.first : undefined),
  5: doubtful,
};

/** In trouble no new ones are added: those that are here were here before the others. */
const inTrouble: Heads = {
  0: urgent,
  3: (queue, admission, now) =>
    admission.opensAt('normal') <= now
      ? (queue.new.find(isWanted) ?? queue.normal.find(isWanted))
      : undefined,
  4: (queue, admission, now) =>
    admission.opensAt('normal') <= now ? (queue.new.first ?? queue.normal.first) : undefined,
  5: doubtful,
};

/** The classes, in the order of their last turns. */
export type Order = readonly number[];

/** Before the first turn. */
export const firstOrder: Order = Object.freeze([0, 1, 2, 3, 4, 5]);

/** The order after a turn of that class. */
export function orderAfter(order: Order, of: number): Order {
  return order.at(-1) === of ? order : [...order.filter((each) => each !== of), of];
}

/**
 * The requester that dials next; `undefined` if none may dial now. There are a few classes at a time: urgent requesters; new ones, or in
 * trouble those that a caller waits for; doubtful ones; and the rest. Of the classes that may dial, the one whose last turn is
 * longest ago has the next.
 */
export function nextTurn(
  queue: DialQueue,
  admission: Admission,
  now: number,
  order: Order,
): Turn | undefined {
  const heads = admission.health === 'good' ? whenGood : inTrouble;
  for (const of of order) {
    const requester = heads[of]?.(queue, admission, now);
    if (requester) return { requester, of, urgency: queue.urgencyOf(requester) ?? 'normal' };
  }
  return undefined;
}

function isWanted(requester: DialRequester): boolean {
  return requester.isWanted;
}
