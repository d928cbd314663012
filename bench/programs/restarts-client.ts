// restarts-client.js <connections> <ports>: keeps <connections> connections in one pool, spread over the ports, whatever becomes
// of their servers. Needs --expose-gc.
import { createPool } from 'connman';
import { answerWith } from './answers.js';
import { memoryInUse, openDescriptors } from './census.js';
import { Count } from './count.js';
import { DialsInFlight } from './dials-in-flight.js';
import { Sightings } from './sightings.js';

/** All connections are up, at first or again. Times are milliseconds. */
export interface Up {
  /** From the first connection that came up to the last one. */
  readonly spread: number;
  /** The same within one endpoint: the longest of them. */
  readonly endpointSpread: number;
  readonly dials: number;
  /** The most dials that were under way to one endpoint at the same time. */
  readonly peak: number;
  /** Open file descriptors; nothing where the system does not tell. */
  readonly descriptors: number | undefined;
  /** Bytes of heap in use after a collection. */
  readonly heap: number;
}

const [countText, portList = ''] = process.argv.slice(2);
const ports = portList.split(',').map(Number);
const count = Number(countText);
const inFlight = new DialsInFlight();
const sightings = new Sightings();
const alive = new Count();
let failed = new Count();

class Member {
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  onConnect(): void {
    sightings.add(this.#port);
    alive.add(1);
  }

  onReconnect(): void {
    this.onConnect();
  }

  onReset(): void {
    sightings.remove(this.#port);
    alive.add(-1);
    failed.add(1);
  }
}

const answers = {
  /** Answers when all are up: what it took since this was last asked. */
  async up(): Promise<Up> {
    await alive.reached(count);
    const spreads = sightings.take();
    const dials = inFlight.take();
    const { heap } = await memoryInUse();
    return { ...spreads, ...dials, descriptors: openDescriptors(), heap };
  },
  /** Answers when all are lost. */
  down: () => alive.reached(0),
  /** Ends each by an error; answers when each was lost: the first may be back before the last is lost. */
  fail(): Promise<void> {
    failed = new Count();
    for (const { socket } of connections) socket.destroy(new Error('to have had one'));
    return failed.reached(count);
  },
};

/** What it can be asked. */
export type RestartsAnswers = typeof answers;

process.on('disconnect', () => process.exit());
answerWith(answers);

const pool = createPool('restarts', (endpoint) => new Member('port' in endpoint ? Number(endpoint.port) : 0));
const connections = Array.from({ length: count }, (_, index) =>
  pool.addConnection(ports[index % ports.length] ?? 0, '127.0.0.1'),
);
