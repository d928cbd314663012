// memory-client.js <subject> <connections> <port>: sends its parent the heap that one idle connection takes, in bytes.
// Needs --expose-gc.
import { Program, subjectNamed } from '../subjects.js';

/** How many connections are dialled at once. */
const batch = 100;
/** Connections made before the first look at the heap, so that code and tables that are made once are there. */
const warmUp = 1_000;
const collections = 8;

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
}

const [subject, connections, port] = process.argv.slice(2);
const openOne = subjectNamed(subject);
const kept: object[] = [];

function openBatch(): Promise<void> {
  return new Promise((resolve) => {
    let left = batch;
    const connected = (): void => {
      left -= 1;
      if (left === 0) resolve();
    };
    for (let index = 0; index < batch; index += 1) kept.push(openOne(Number(port), new Idle(connected)));
  });
}

async function open(count: number): Promise<void> {
  if (count <= 0) return;
  await openBatch();
  await open(count - batch);
}

async function heapUsed(left: number = collections): Promise<number> {
  globalThis.gc?.();
  await new Promise(setImmediate);
  return left > 1 ? heapUsed(left - 1) : process.memoryUsage().heapUsed;
}

async function main(): Promise<void> {
  await open(warmUp);
  const before = await heapUsed();
  await open(Number(connections));
  const after = await heapUsed();
  process.send?.((after - before) / Number(connections), () => process.exit());
}

void main();
