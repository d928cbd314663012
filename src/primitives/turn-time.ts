import { now } from './time.js';

let moment = 0;
let isFresh = false;

/**
 * The monotonic clock, read once for each turn of the event loop: for what is counted at every lease. Reading the clock takes as
 * long as a lease, and what begins and ends in one turn has lasted for no time that matters.
 */
export function turnTime(): number {
  if (isFresh) return moment;
  isFresh = true;
  moment = now();
  process.nextTick(expire);
  return moment;
}

function expire(): void {
  isFresh = false;
}
