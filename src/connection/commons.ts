import { Gates } from '../gate/index.js';
import { Deadlines } from '../primitives/deadline.js';
import { Sweep } from './sweep.js';

/** What all connections of a manager share. */
export class Commons {
  /** What looks after their lives from time to time. */
  readonly sweep: Sweep = new Sweep();
  /** When their states have lasted for too long. */
  readonly deadlines: Deadlines = new Deadlines();
  /** When they may dial. */
  readonly gates: Gates;

  /** `maxDialing` is for each gate; without one, its default holds. */
  constructor(maxDialing?: number) {
    this.gates = new Gates(maxDialing);
  }
}
