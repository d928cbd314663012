import { publishGateState, wantsGateState, type GateReport, type GateSource } from '../telemetry/index.js';
import { hasChanged } from './gate-snapshot.js';

/** Publishes what has changed about a gate. */
export class GatePublisher {
  readonly #gate: GateSource & { readonly report: GateReport };
  /** What was published last. */
  #published: GateReport;
  #isScheduled = false;

  constructor(gate: GateSource & { readonly report: GateReport }) {
    this.#gate = gate;
    this.#published = gate.report;
  }

  /** The gate may have changed: publishes that once the change under way is complete. */
  schedule(): void {
    if (this.#isScheduled || !wantsGateState()) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      const { report } = this.#gate;
      const last = this.#published;
      if (!hasChanged(report, last)) return;
      this.#published = report;
      publishGateState(this.#gate, report, last.state);
    });
  }
}
