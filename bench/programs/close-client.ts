// close-client.js <subject> <connections> <port>: opens connections, closes all of them in order, and sends its parent how
// many milliseconds that took, and when it was done on the clock of the system; then it has nothing left to do. Needs
// --expose-gc.
import { disconnectAll } from 'connman';
import { BareConnection } from '../bare.js';
import { Program, subjectNamed } from '../subjects.js';
import { heapInUse } from './census.js';

/** How many connections are dialled at once. */
const batch = 100;

class Idle extends Program {
  readonly #connected: () => void;

  constructor(connected: () => void) {
    super();
    this.#connected = connected;
  }

  onConnect(): void {
    this.#connected();
  }

  onData(): void {}

  override onReset(): void {}
}

const [subject, connections, port] = process.argv.slice(2);
const openOne = subjectNamed(subject);
const kept: object[] = [];

function openBatch(size: number): Promise<void> {
  return new Promise((resolve) => {
    let left = size;
    const connected = (): void => {
      left -= 1;
      if (left === 0) resolve();
    };
    for (let index = 0; index < size; index += 1) kept.push(openOne(Number(port), new Idle(connected)));
  });
}

async function closeAll(): Promise<void> {
  if (subject !== 'bare') return disconnectAll();
  await Promise.all(kept.filter((each) => each instanceof BareConnection).map((each) => each.close()));
}

async function main(): Promise<void> {
  const count = Number(connections);
  while (kept.length < count) await openBatch(Math.min(batch, count - kept.length));
  await heapInUse();
  const start = performance.now();
  await closeAll();
  const end = performance.now();
  process.send?.({ closing: end - start, at: performance.timeOrigin + end }, () => process.disconnect());
}

void main();
