import { Gates } from '../gate/index.js';
import { Deadlines } from '../primitives/deadline.js';
import { Paced } from '../primitives/paced.js';
import { Sweep } from './liveness/sweep.js';

/** So many sockets are ended in a turn of the event loop. */
const endsPerTurn = 50;

/** What all connections of a manager share. */
export class Commons {
  /** What looks after their lives from time to time. */
  readonly sweep: Sweep = new Sweep();
  /** When their states have lasted for too long. */
  readonly deadlines: Deadlines = new Deadlines();
  /** When those that are closed end their sockets: if they are many, servers see the first end while the last ones wait. */
  readonly endings: Paced<{ endSocket(): void }> = new Paced(endsPerTurn, (each) => each.endSocket());
  /** When they may dial. */
  readonly gates: Gates;

  /** `maxDialing` is for each gate; without one, its default holds. */
  constructor(maxDialing?: number) {
    this.gates = new Gates(maxDialing);
  }
}
