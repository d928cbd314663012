// in-flight-client.js <writer> <where as JSON> <load as JSON>: sends its parent messages per second, CPU of a message in
// microseconds, and percentiles of latency in milliseconds, where there is one message at a time.
import type { Socket } from 'node:net';
import { bulkSize } from './workloads.js';
import { writerNamed, type User, type Where } from './writers.js';

/** What is sent. */
export interface Load {
  /** In bytes. */
  readonly size: number;
  /** How many messages are under way; of a stream, how many are written in a turn. */
  readonly depth: number;
  readonly messages: number;
  /** Only sent, not sent back. */
  readonly isStream?: boolean;
  /** Whether another connection sends one message at a time meanwhile, whose latency is measured. */
  readonly isProbed?: boolean;
}

/** What was measured. */
export interface Measured {
  readonly rate: number;
  readonly cpu: number;
  readonly p50: number;
  readonly p99: number;
}

const [name, whereText = '', loadText = ''] = process.argv.slice(2);
const open = writerNamed(name);
const where = JSON.parse(whereText) as Where;
const load = JSON.parse(loadText) as Load;

const latencies: number[] = [];

function percentile(part: number): number {
  const sorted = latencies.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * part)] ?? NaN;
}

/** Counts messages after a warm-up of a quarter. */
class Meter {
  #left = load.messages / 4;
  #began: { cpu: NodeJS.CpuUsage; at: number } | undefined;

  count(messages: number): void {
    this.#left -= messages;
    if (this.#left > 0) return;
    if (this.#began) this.#tell(this.#began);
    else {
      latencies.length = 0;
      this.#left = load.messages;
      this.#began = { cpu: process.cpuUsage(), at: performance.now() };
    }
  }

  #tell({ cpu: before, at }: { cpu: NodeJS.CpuUsage; at: number }): void {
    this.#left = Infinity;
    const { user, system } = process.cpuUsage(before);
    const measured: Measured = {
      rate: (load.messages / (performance.now() - at)) * 1_000,
      cpu: (user + system) / load.messages,
      p50: percentile(0.5),
      p99: percentile(0.99),
    };
    process.send?.(measured, () => process.exit());
  }
}

class Echoed implements User {
  readonly #message: Buffer;
  readonly #depth: number;
  readonly #count: (messages: number) => void;
  #received = 0;
  #sentAt = 0;
  #write: (message: Buffer) => boolean = () => true;

  constructor({ size, depth }: Load, count: (messages: number) => void) {
    this.#message = Buffer.alloc(size, 1);
    this.#depth = depth;
    this.#count = count;
  }

  begin(_socket: Socket, write: (message: Buffer) => boolean): void {
    this.#write = write;
    this.#send(this.#depth);
  }

  hear({ length }: Buffer): void {
    this.#received += length;
    const messages = Math.floor(this.#received / this.#message.length);
    if (messages === 0) return;
    this.#received -= messages * this.#message.length;
    if (this.#depth === 1) latencies.push(performance.now() - this.#sentAt);
    this.#count(messages);
    this.#send(messages);
  }

  #send(messages: number): void {
    this.#sentAt = performance.now();
    for (let sent = 0; sent < messages; sent += 1) this.#write(this.#message);
  }
}

class Streamed implements User {
  readonly #message = Buffer.alloc(load.size);
  readonly #meter: Meter;
  #unacknowledged = 0;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  begin(socket: Socket, write: (message: Buffer) => boolean): void {
    const turn = (): void => {
      let goesOn = true;
      // Not more than the peer takes.
      for (let sent = 0; sent < load.depth && this.#unacknowledged < 16 * bulkSize; sent += 1) {
        this.#unacknowledged += load.size;
        goesOn = write(this.#message) && goesOn;
      }
      if (goesOn) setImmediate(turn);
      else socket.once('drain', turn);
    };
    turn();
  }

  hear({ length }: Buffer): void {
    this.#unacknowledged -= length * bulkSize;
    this.#meter.count((length * bulkSize) / load.size);
  }
}

const meter = new Meter();
open(where, load.isStream ? new Streamed(meter) : new Echoed(load, (messages) => meter.count(messages)));
if (load.isProbed) open(where, new Echoed({ ...load, depth: 1 }, () => undefined));
