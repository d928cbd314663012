import type { DialRequester, Gate } from '../../gate/index.js';
import { now } from '../../primitives/time.js';

/** Until when those rest that `reset(reason, { after })` keeps from dialling. The others take no memory for it. */
const rests: WeakMap<object, number> = new WeakMap();

/** Does not dial before that time has passed. `gate` is the one that it waits at, if at any. */
export function restFor(dialer: DialRequester, milliseconds: number, gate: Gate | undefined): void {
  rests.set(dialer, now() + milliseconds);
  gate?.leave(dialer);
  gate?.enter(dialer, false);
}

/** It may dial. */
export function endRest(dialer: object): void {
  rests.delete(dialer);
}

/** How long it still does not dial, in milliseconds. */
export function restOf(dialer: object): number {
  return Math.max(0, (rests.get(dialer) ?? 0) - now());
}
