import type { Socket } from 'node:net';
import { now } from '../../primitives/time.js';

/** Who has corked a socket until the turn is over. */
export interface Corker {
  release(socket: Socket): void;
}

/** So many writes in one turn are a burst. */
const burst = 8;
/** For so long after a burst, in milliseconds, the next one is expected. */
const expectedFor = 5;

/** The count of the writes in a turn is in the lower bits of a number, the turn in the upper ones: each socket has one number. */
const step = 16;
/** As long as it is below, V8 keeps the number in the object itself. */
const lastTurn = 2 ** 30;

// Taken before a test fakes it: what is corked must leave.
const { nextTick } = process;

let turn = step;
let isGoingOn = false;
/** The process is exiting: there is no next tick. */
let isLast = false;
let lastCorkedAt = -Infinity;
let hearsExit = false;
/** Each followed by its socket. */
let corked: (Corker | Socket)[] = [];

/** Whether that was written in the present turn: it ends at `process.nextTick`. */
export function isOfThisTurn(writes: number): boolean {
  return writes - (writes % step) === turn;
}

/** The first write of a socket in the present turn. */
export function firstOfTurn(): number {
  if (!isGoingOn && !isLast) {
    isGoingOn = true;
    nextTick(endTurn);
  }
  return turn + 1;
}

/** One more. */
export function oneMore(writes: number): number {
  return isBurst(writes) ? writes : writes + 1;
}

function isBurst(writes: number): boolean {
  return writes % step === burst;
}

/** Whether the socket is in the middle of bursts: its last turn was one, and is hardly over. */
export function expectsBurst(writes: number): boolean {
  return isBurst(writes) && now() - lastCorkedAt < expectedFor;
}

/** Whether what is corked now will be released. */
export function canCork(): boolean {
  return isGoingOn;
}

/** Has it released when the turn is over, or the process exits. */
export function releaseLater(corker: Corker, socket: Socket): void {
  corked.push(corker, socket);
  if (hearsExit) return;
  hearsExit = true;
  process.on('exit', exit);
}

function exit(): void {
  isLast = true;
  endTurn();
}

function endTurn(): void {
  isGoingOn = false;
  turn = turn < lastTurn ? turn + step : step;
  if (corked.length === 0) return;
  lastCorkedAt = now();
  const all = corked;
  corked = [];
  for (let index = 0; index < all.length; index += 2) {
    (all[index] as Corker).release(all[index + 1] as Socket);
  }
}
