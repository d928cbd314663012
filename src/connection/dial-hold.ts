import type { DialRequester, Gate } from '../gate/index.js';
import { now } from '../primitives/time.js';

/** Until when those that dial do not, as `reset(reason, { after })` has asked. The others take no memory for it. */
const holds: WeakMap<object, number> = new WeakMap();

/** From now on it does not dial before that time has passed. It waits at that gate, if at any. */
export function holdFor(dialer: DialRequester, milliseconds: number, gate: Gate | undefined): void {
  holds.set(dialer, now() + milliseconds);
  gate?.leave(dialer);
  gate?.enter(dialer, false);
}

/** It may dial. */
export function release(dialer: object): void {
  holds.delete(dialer);
}

/** How long it still does not dial, in milliseconds. */
export function heldFor(dialer: object): number {
  return Math.max(0, (holds.get(dialer) ?? 0) - now());
}
