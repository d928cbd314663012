// restarts-client.js <connections> <ports>: keeps so many connections in one pool, spread over the ports, and tells its
// parent when all of them are up and when all are lost, again and again. Needs --expose-gc.
import { createPool } from 'connman';
import { Sightings } from './sightings.js';
import { heapInUse, openDescriptors } from './census.js';
import { DialsInFlight } from './dials-in-flight.js';
import type { Message } from './restart-messages.js';

const [connections, portList = ''] = process.argv.slice(2);
const ports = portList.split(',').map(Number);
const count = Number(connections);
const inFlight = new DialsInFlight();
const sightings = new Sightings();
let up = 0;

class Member {
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  onConnect(): void {
    sightings.add(this.#port);
    up += 1;
    if (up === count) void tellUp();
  }

  onReconnect(): void {
    this.onConnect();
  }

  onReset(): void {
    up -= 1;
    if (up === 0) tell({ kind: 'down' });
  }
}

async function tellUp(): Promise<void> {
  const spreads = sightings.take();
  const dials = inFlight.take();
  const heap = await heapInUse();
  tell({ kind: 'up', ...spreads, ...dials, descriptors: openDescriptors(), heap });
}

function tell(message: Message): void {
  process.send?.(message);
}

const pool = createPool('restarts', (endpoint) => new Member('port' in endpoint ? Number(endpoint.port) : 0));
for (let index = 0; index < count; index += 1) {
  pool.addConnection(ports[index % ports.length] ?? 0, '127.0.0.1');
}
process.on('disconnect', () => process.exit());
