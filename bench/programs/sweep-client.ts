// sweep-client.js <watcher> <interval> <connections> <port>: sends its parent the CPU, in per cent of a core, that watching
// idle connections takes. It is measured in windows: everybody is sent a byte, so that no ping is due for an interval; then
// nothing is read or written until the window ends.
import { connect, type Connection, type ManagedSocket } from 'connman';
import { Program } from '../subjects.js';
import { watcherNamed } from './watchers.js';

/** The part of an interval that a window takes: the rest is for reading the bytes. */
const part = 0.6;
/** How long the windows are together that count, in milliseconds. */
const measured = 3_000;
const warmUpWindows = 2;

let pings = 0;
/** Bytes that are still to come before everybody has been sent one more. */
let missing = 0;
let allHeard = (): void => {};

class Idle extends Program {
  onConnect(): void {}

  onData({ length }: Buffer): void {
    missing -= length;
    if (missing === 0) allHeard();
  }
}

function ping(): void {
  pings += 1;
}

const [name, intervalText, countText, port] = process.argv.slice(2);
const interval = Number(intervalText);
const count = Number(countText);
const watcher = watcherNamed(name);
const connections: Connection[] = [];

async function open(): Promise<void> {
  const welcomed = heard();
  while (connections.length < count) {
    connections.push(connect(Number(port), '127.0.0.1', new Idle(), watcher.options(interval, ping)));
  }
  await Promise.all(connections.map((connection) => connection.ready()));
  await welcomed;
}

/** Resolves once everybody has been sent one more byte than before. */
function heard(): Promise<void> {
  missing += count;
  return new Promise((resolve) => (allHeard = resolve));
}

/** The CPU of one window, in microseconds, and how long it lasted, in milliseconds; nothing if pings were due in it. */
async function window(socket: ManagedSocket): Promise<{ cpu: number; time: number }> {
  socket.write('?');
  await heard();
  await new Promise(setImmediate);
  pings = 0;
  const start = performance.now();
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, interval * part));
  const { user, system } = process.cpuUsage(before);
  // On a machine that is busy elsewhere, reading the bytes can take too much of the interval.
  return pings > 0 ? { cpu: 0, time: 0 } : { cpu: user + system, time: performance.now() - start };
}

async function main(): Promise<void> {
  await open();
  const [first] = connections;
  if (!first) throw new TypeError(`connections: expected some, got ${countText}`);
  for (const connection of connections) watcher.watch(connection.socket, interval, ping);
  for (let round = 0; round < warmUpWindows; round += 1) await window(first.socket);
  let cpu = 0;
  let time = 0;
  while (time < measured) {
    const next = await window(first.socket);
    cpu += next.cpu;
    time += next.time;
  }
  process.send?.((cpu / 1_000 / time) * 100, () => process.exit());
}

void main();
