import type { Admission } from './admission.js';
import type { DialQueue } from './dial-queue.js';
import type { DialRequester } from './dial-requester.js';

/** Whose turn it is to dial. */
export interface Turn {
  readonly requester: DialRequester;
  /** Whether it goes before another one that could dial as well. */
  readonly isOutOfTurn: boolean;
  /** Whether it does not wait. */
  readonly isUrgent: boolean;
}

/**
 * Whose turn it is now, if anybody's. Urgent requesters go first, then those that a caller waits for in an outage, then new
 * ones. After each of them, one that had to wait is next if its wait is over: every requester gets its turn.
 */
export function nextTurn(
  queue: DialQueue,
  admission: Admission,
  now: number,
  wasOutOfTurn: boolean,
): Turn | undefined {
  const isOver = admission.opensAt('normal') <= now;
  const inTurn = isOver ? firstInTurn(queue, admission.health === 'good') : undefined;
  const favoured = favouredOf(queue, admission, now, isOver);
  const requester = wasOutOfTurn ? (inTurn ?? favoured) : (favoured ?? inTurn);
  if (!requester) return undefined;
  const isUrgent = queue.urgent.has(requester);
  return { requester, isOutOfTurn: inTurn !== undefined && requester !== inTurn, isUrgent };
}

/** Who has waited for longest. In trouble no new ones are added: those that are here were here before. */
function firstInTurn(queue: DialQueue, isGood: boolean): DialRequester | undefined {
  return isGood ? (queue.normal.first ?? queue.new.first) : (queue.new.first ?? queue.normal.first);
}

function favouredOf(
  queue: DialQueue,
  admission: Admission,
  now: number,
  isOver: boolean,
): DialRequester | undefined {
  if (queue.urgent.size > 0 && admission.opensAt('urgent') <= now) return queue.urgent.first;
  // A good endpoint needs no favours: turns come soon.
  if (isOver && admission.health !== 'good') {
    const wanted = queue.new.find(isWanted) ?? queue.normal.find(isWanted);
    if (wanted) return wanted;
  }
  return admission.opensAt('new') <= now ? queue.new.first : undefined;
}

function isWanted(requester: DialRequester): boolean {
  return requester.isWanted;
}
