import type { Urgency } from './line.js';

/**
 * How long after a batch of dials the next one may follow, in milliseconds: as long as it takes to see that a server closes what
 * it accepts. The wider the window, the more dials and the more time have shown that it does not.
 */
function batchInterval({ window }: Passage): number {
  return window === 1 ? 2 : 12 / window;
}

/**
 * Where the endpoint had connections for so many milliseconds, it may be an accident that the last was lost before it was
 * stable: a server may be killed soon after its start, and one that is killed may take one more connection. Once.
 */
const accident = 500;

/**
 * What a gate makes of its endpoint:
 * - `good`: dials are let through, more at once with each that succeeds.
 * - `lost`: the last connection was lost, and nobody knows more yet; one dial at a time, when the wait is over.
 * - `failing`: as `lost`, and the last dial failed.
 * - `flapping`: connections are lost soon after they are made; as `lost`, and a dial that succeeds is not
 *   believed before its life has been stable.
 */
export type Outlook = 'good' | 'lost' | 'failing' | 'flapping';

/**
 * How a gate stands: an immutable value. Moments are in milliseconds on the monotonic clock. Nothing here waits, draws
 * or dials: each function gives the value after an event, and which wait it calls for.
 */
export interface Passage {
  /** How many dials may be in flight, at most `widest`. */
  readonly window: number;
  readonly widest: number;
  /** How many dials have succeeded since the window was last doubled, or closed. */
  readonly credit: number;
  /** How many dials are in flight, and how many of them began before the last failure, which they say nothing new about. */
  readonly dialling: number;
  readonly stale: number;
  readonly outlook: Outlook;
  /** No dial begins before this moment, but those that are in a hurry; Infinity while the wait is being drawn. */
  readonly due: number;
  /** When the last batch of dials began. */
  readonly batchedAt: number;
  /** How many lives there are, and since when there has been one without a break. */
  readonly lives: number;
  readonly aliveSince: number;
  /** Whether the last life was lost before it was stable, and no life was stable, and no dial has failed, since. */
  readonly wasLostEarly: boolean;
  /** When the backoff last took a step. */
  readonly steppedAt: number;
  /** Whether the life that has to be stable, before the endpoint is believed again, is going on. */
  readonly isOnTrial: boolean;
}

/**
 * The wait that an event calls for, if one: the next step of the backoff, after a dial that failed or after a life that was
 * lost before it was stable; or such a wait as the first.
 */
export type Wait = 'failure' | 'loss' | 'first' | undefined;

/** What follows from an event. */
export interface Verdict {
  readonly passage: Passage;
  readonly wait: Wait;
  /** Whether the backoff begins anew. */
  readonly isStable: boolean;
}

/** How a life has ended. */
export interface LifeEnd {
  readonly uptime: number;
  readonly stableAfter: number;
  /** Who ended it: the `endpoint`, or what lies between; the `program`; or the program, for good. */
  readonly endedBy: 'endpoint' | 'program' | 'disconnect';
  /** Whether it is the life that had to be stable. */
  readonly wasOnTrial: boolean;
  /** Whether others wait for a dial already. */
  readonly othersWait: boolean;
}

/** A gate that nobody has come to yet. */
export function newPassage(widest: number): Passage {
  return {
    window: 1,
    widest,
    credit: 0,
    dialling: 0,
    stale: 0,
    outlook: 'good',
    due: -Infinity,
    batchedAt: -Infinity,
    lives: 0,
    aliveSince: 0,
    wasLostEarly: false,
    steppedAt: -Infinity,
    isOnTrial: false,
  };
}

/** The moment from which a dial may begin; Infinity while too many are in flight. */
export function opensAt(passage: Passage, urgency: Urgency): number {
  const { dialling, window, due, batchedAt, outlook } = passage;
  if (dialling >= window) return Infinity;
  const nextBatch = batchedAt + batchInterval(passage);
  const mayBeEarly = urgency === 'hurried' || (urgency === 'new' && outlook === 'good');
  return mayBeEarly ? nextBatch : Math.max(due, nextBatch);
}

export function dialBegan(passage: Passage): Passage {
  return { ...passage, dialling: passage.dialling + 1 };
}

/** Those who could begin now have begun. */
export function batchBegan(passage: Passage, now: number): Passage {
  return { ...passage, batchedAt: now };
}

/** Somebody comes to where nobody is: the window is as narrow as at first, since what it was is old news. */
export function freshArrival(passage: Passage): Passage {
  return passage.dialling === 0 ? { ...passage, window: 1, credit: 0 } : passage;
}

/** A dial has succeeded, by one whose lives are stable after `stableAfter`. */
export function dialSucceeded(passage: Passage, now: number, stableAfter: number): Passage {
  const lives = passage.lives + 1;
  const after = {
    ...ended(passage),
    stale: 0,
    lives,
    aliveSince: lives === 1 ? now : passage.aliveSince,
  };
  // One trial at a time: else each that begins would put off the end of the one before.
  if (passage.isOnTrial) return after;
  if (passage.outlook === 'flapping') return { ...after, due: now + stableAfter, isOnTrial: true };
  const due = passage.outlook === 'good' ? passage.due : -Infinity;
  return widened({ ...after, outlook: 'good', due });
}

/** A dial has failed. */
export function dialFailed(passage: Passage, now: number, stableAfter: number): Verdict {
  const after = ended(passage);
  if (passage.stale > 0) return { passage: after, wait: undefined, isStable: false };
  const { lives, dialling } = after;
  const closed = { ...after, window: 1, credit: 0, stale: dialling };
  const isStable = passage.outlook === 'good' && lives > 0 && now - passage.aliveSince >= stableAfter;
  // Only a part of what is behind the endpoint fails: dials go on, one at a time.
  const hasSucceeded = passage.window > 1 || passage.credit > 0;
  if (lives > 0 && passage.outlook === 'good' && hasSucceeded) {
    return { passage: closed, wait: undefined, isStable };
  }
  const shut = {
    ...closed,
    outlook: 'failing',
    due: Infinity,
    wasLostEarly: false,
    steppedAt: now,
    isOnTrial: false,
  } as const;
  return { passage: shut, wait: 'failure', isStable };
}

/** A dial was given up by whoever began it. */
export function dialAbandoned(passage: Passage): Passage {
  return ended(passage);
}

/** A life has ended. */
export function lifeEnded(passage: Passage, now: number, end: LifeEnd): Verdict {
  const isStable = end.uptime >= end.stableAfter;
  const lives = passage.lives - 1;
  const after = { ...passage, lives, wasLostEarly: !isStable && passage.wasLostEarly };
  if (end.wasOnTrial && !isStable) return trialEnded(after, now, end);
  // A life from before a failure proves nothing about what came after.
  const isProof = isStable && passage.outlook !== 'failing';
  if (end.endedBy === 'disconnect') return { passage: after, wait: undefined, isStable: isProof };
  // The trial of another goes on, and the wait ends with it.
  if (after.isOnTrial && !end.wasOnTrial) return { passage: after, wait: undefined, isStable: isProof };
  // Lives that began before the last step were lost together with the one that was cause of it.
  const wait = !isStable && now - end.uptime > passage.steppedAt ? 'loss' : 'first';
  const closed =
    end.endedBy === 'endpoint' && after.lives === 0 ? shutAfterLoss(after, now, isStable, end) : after;
  if (wait === 'first' && (end.othersWait || passage.due > now)) {
    return { passage: closed, wait: undefined, isStable: isProof };
  }
  const steppedAt = wait === 'loss' ? now : passage.steppedAt;
  return { passage: { ...closed, due: Infinity, steppedAt }, wait, isStable: isProof };
}

/** The wait that was called for has been drawn. */
export function waitDrawn(passage: Passage, due: number): Passage {
  return { ...passage, due };
}

/** The passage at that moment: time alone proves that a life on trial is stable. */
export function atMoment(passage: Passage, now: number): Verdict {
  if (!passage.isOnTrial || now < passage.due) return { passage, wait: undefined, isStable: false };
  const believed = {
    ...passage,
    outlook: 'good',
    due: -Infinity,
    wasLostEarly: false,
    isOnTrial: false,
  } as const;
  return { passage: widened(believed), wait: undefined, isStable: true };
}

function trialEnded(passage: Passage, now: number, { endedBy }: LifeEnd): Verdict {
  const after = { ...passage, isOnTrial: false };
  if (endedBy === 'disconnect') return { passage: { ...after, due: now }, wait: undefined, isStable: false };
  return { passage: { ...after, due: Infinity, steppedAt: now }, wait: 'loss', isStable: false };
}

function shutAfterLoss(passage: Passage, now: number, isStable: boolean, { wasOnTrial }: LifeEnd): Passage {
  const shut = { ...passage, window: 1, credit: 0 };
  // What is failing goes on failing: lives that were lost with the endpoint may be told of after the next dial.
  if (passage.outlook !== 'good' && !wasOnTrial) return shut;
  const wasShort = now - passage.aliveSince < accident;
  const isFlapping = !isStable && (wasShort || passage.wasLostEarly);
  return { ...shut, outlook: isFlapping ? 'flapping' : 'lost', wasLostEarly: !isStable, isOnTrial: false };
}

function ended(passage: Passage): Passage {
  return { ...passage, dialling: passage.dialling - 1, stale: Math.max(0, passage.stale - 1) };
}

function widened(passage: Passage): Passage {
  const { window, widest } = passage;
  const credit = passage.credit + 1;
  return credit < window || window === widest
    ? { ...passage, credit }
    : { ...passage, credit: 0, window: Math.min(2 * window, widest) };
}
