import { Gates, type DialLimits } from '../gate/index.js';
import { Batcher } from '../primitives/batcher.js';
import { Sweep } from './liveness/sweep.js';

/** How many sockets end in one turn of the event loop. */
const endsPerTurn = 50;

/** What all connections of a manager share. */
export class Shared {
  /** The timer that all watchdogs look by. */
  readonly sweep: Sweep = new Sweep();
  /** Ends the sockets of closing connections in turns: of many, the first reach their servers while the last ones wait. */
  readonly endings: Batcher<{ endSocket(): void }> = new Batcher(endsPerTurn, (each) => each.endSocket());
  readonly gates: Gates;

  constructor(limits?: DialLimits) {
    this.gates = new Gates(limits);
  }
}
