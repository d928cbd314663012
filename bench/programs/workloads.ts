import type { Socket } from 'node:net';
import { Program } from '../subjects.js';

/** Bytes of a bulk message. */
export const bulkSize = 65_536;
/** Bytes of a small message. */
const smallSize = 64;

/** Counts messages, and says how much CPU one took, leaving out those of the warm-up. */
export class Meter {
  #left: number;
  #isWarm = false;
  #before = process.cpuUsage();
  readonly #messages: number;
  readonly #done: (microsecondsPerMessage: number) => void;

  constructor(warmUp: number, messages: number, done: (microsecondsPerMessage: number) => void) {
    this.#left = warmUp;
    this.#messages = messages;
    this.#done = done;
  }

  /** Counts messages. */
  count(messages: number): void {
    this.#left -= messages;
    if (this.#left <= 0) this.#turn();
  }

  #turn(): void {
    if (this.#isWarm) {
      const { user, system } = process.cpuUsage(this.#before);
      this.#left = Infinity;
      this.#done((user + system) / this.#messages);
      return;
    }
    this.#isWarm = true;
    this.#left += this.#messages;
    this.#before = process.cpuUsage();
  }
}

class PingPong extends Program {
  readonly #meter: Meter;
  #socket: Socket | undefined;
  #received = 0;
  readonly #message = Buffer.alloc(smallSize, 1);

  constructor(meter: Meter) {
    super();
    this.#meter = meter;
  }

  onConnect(socket: Socket): void {
    this.#socket = socket;
    socket.write(this.#message);
  }

  onData(chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#received < smallSize) return;
    this.#received = 0;
    this.#meter.count(1);
    this.#socket?.write(this.#message);
  }
}

/**
 * One message at a time, asked for with one byte or answered by one: a stream as fast as it goes would cost one or two
 * times as much by how the system cuts it into pieces, which is no matter of the client.
 */
abstract class Bulk extends Program {
  readonly #meter: Meter;
  readonly #expected: number;
  #received = 0;
  #socket: Socket | undefined;

  constructor(meter: Meter, expected: number) {
    super();
    this.#meter = meter;
    this.#expected = expected;
  }

  abstract send(socket: Socket): void;

  onConnect(socket: Socket): void {
    this.#socket = socket;
    this.send(socket);
  }

  onData(chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#received < this.#expected || !this.#socket) return;
    this.#received = 0;
    this.#meter.count(1);
    this.send(this.#socket);
  }
}

class Download extends Bulk {
  readonly #request = Buffer.alloc(1, 1);

  constructor(meter: Meter) {
    super(meter, bulkSize);
  }

  override send(socket: Socket): void {
    socket.write(this.#request);
  }
}

class Upload extends Bulk {
  readonly #message = Buffer.alloc(bulkSize, 1);

  constructor(meter: Meter) {
    super(meter, 1);
  }

  override send(socket: Socket): void {
    socket.write(this.#message);
  }
}

/** What a client does, the server's side that it needs, and how much of it is measured. */
export interface Workload {
  readonly peer: 'echo' | 'source' | 'sink';
  readonly connections: number;
  readonly warmUp: number;
  readonly messages: number;
  create(meter: Meter): Program;
}

/** The workloads, by name. */
export const workloads = {
  pingPong: {
    peer: 'echo',
    connections: 16,
    warmUp: 8_000,
    messages: 40_000,
    create: (meter) => new PingPong(meter),
  },
  download: {
    peer: 'source',
    connections: 4,
    warmUp: 2_000,
    messages: 10_000,
    create: (meter) => new Download(meter),
  },
  upload: {
    peer: 'sink',
    connections: 4,
    warmUp: 2_000,
    messages: 10_000,
    create: (meter) => new Upload(meter),
  },
} satisfies Record<string, Workload>;

/** The name of one of the {@link workloads}. */
export type WorkloadName = keyof typeof workloads;

/** The workload of that name. */
export function workloadNamed(name: string | undefined): Workload {
  for (const [known, workload] of Object.entries(workloads)) if (known === name) return workload;
  throw new TypeError(`workload: expected one of ${Object.keys(workloads).join(', ')}, got ${name}`);
}
