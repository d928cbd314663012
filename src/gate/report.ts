import { toTimestamp } from '../primitives/time.js';
import type { GateReport, GateState } from '../telemetry/index.js';
import type { Urgency } from './line.js';
import type { Passage } from './passage.js';

/** Where so many wait, the first of them with such urgency. */
export function reportOf(passage: Passage, waiting: number, urgency: Urgency): GateReport {
  const { window, dialling } = passage;
  const opening = waiting > 0 ? passage.opensAt(urgency) : Infinity;
  return Object.freeze({
    state: stateOf(passage, waiting),
    window,
    dialling,
    waiting,
    nextDialAt: Number.isFinite(opening) ? toTimestamp(opening) : undefined,
  });
}

/** Whether it tells anything that others should hear of: not that a dial has begun, of which its connection tells. */
export function isNews({ state, window, nextDialAt }: GateReport, last: GateReport): boolean {
  if (state !== last.state) return true;
  if (state === 'opening' && window !== last.window) return true;
  return state === 'probing' && nextDialAt !== undefined && nextDialAt !== last.nextDialAt;
}

function stateOf({ outlook }: Passage, waiting: number): GateState {
  if (outlook !== 'good') return 'probing';
  return waiting > 0 ? 'opening' : 'up';
}
