import { toTimestamp } from '../primitives/time.js';
import type { GateReport, GateState } from '../telemetry/index.js';
import type { Admission } from './admission.js';
import type { DialQueue } from './dial-queue.js';

/** A gate as users see it. */
export function snapshotOf(admission: Admission, { size, active, urgency }: DialQueue): GateReport {
  const { window, dialling } = admission;
  // A dial that hangs does not hold the others up for ever. But until then it is what they wait for.
  const opening = active > 0 && dialling < window ? admission.opensAt(urgency) : Infinity;
  return Object.freeze({
    state: stateOf(admission, active),
    window,
    dialling,
    waiting: size,
    nextDialAt: Number.isFinite(opening) ? toTimestamp(opening) : undefined,
  });
}

/** Whether a snapshot is worth publishing. A dial that begins is not: its connection publishes that. */
export function hasChanged({ state, window, nextDialAt }: GateReport, last: GateReport): boolean {
  if (state !== last.state) return true;
  if (state === 'opening' && window !== last.window) return true;
  return state === 'probing' && nextDialAt !== undefined && nextDialAt !== last.nextDialAt;
}

function stateOf({ health }: Admission, waiting: number): GateState {
  if (health !== 'good') return 'probing';
  return waiting > 0 ? 'opening' : 'up';
}
