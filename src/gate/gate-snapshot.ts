import { toTimestamp } from '../primitives/time.js';
import type { GateReport, GateState } from '../telemetry/index.js';
import type { Urgency } from './dial-queue.js';
import type { Admission } from './admission.js';

/** Where so many wait, the first of them with such urgency. */
export function snapshotOf(admission: Admission, waiting: number, urgency: Urgency): GateReport {
  const { window, dialling } = admission;
  const opening = waiting > 0 ? admission.opensAt(urgency) : Infinity;
  return Object.freeze({
    state: stateOf(admission, waiting),
    window,
    dialling,
    waiting,
    nextDialAt: Number.isFinite(opening) ? toTimestamp(opening) : undefined,
  });
}

/** Whether it tells anything that others should hear of: not that a dial has begun, of which its connection tells. */
export function hasChanged({ state, window, nextDialAt }: GateReport, last: GateReport): boolean {
  if (state !== last.state) return true;
  if (state === 'opening' && window !== last.window) return true;
  return state === 'probing' && nextDialAt !== undefined && nextDialAt !== last.nextDialAt;
}

function stateOf({ health }: Admission, waiting: number): GateState {
  if (health !== 'good') return 'probing';
  return waiting > 0 ? 'opening' : 'up';
}
