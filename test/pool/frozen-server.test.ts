import { expect } from 'vitest';
import {
  constant,
  type Connection,
  type Handler,
  type ManagedSocket,
  type PoolOptions,
} from '../../src/index.js';
import { startServerProcess } from '../../src/testing/index.js';
import { it, until } from '../support/fixtures.js';
import { perRing } from '../support/per-ring.js';

const requests = perRing({ short: 300, soak: 3_000 });

/** Asks an echo server, and matches its answers in order. */
class Asking implements Handler {
  #waiting: ((isAnswered: boolean) => void)[] = [];
  #socket: ManagedSocket | undefined;

  onConnect(socket: ManagedSocket): void {
    this.#socket = socket;
  }

  onReconnect(socket: ManagedSocket): void {
    this.#socket = socket;
  }

  onReset(): void {
    const lost = this.#waiting;
    this.#waiting = [];
    for (const settle of lost) settle(false);
  }

  onData(chunk: Buffer): void {
    for (let answer = 0; answer < chunk.length; answer += 1) this.#waiting.shift()?.(true);
  }

  /** One byte is one request. Pings are as well, and their answers count for them. */
  ask(): Promise<boolean> {
    if (!this.#socket?.write('x')) return Promise.resolve(false);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  ping(): void {
    void this.ask();
  }
}

const options: PoolOptions<Asking> = {
  backoff: constant(20),
  heartbeat: {
    interval: 100,
    timeout: 100,
    ping: (socket) => handlers.get(socket)?.ping(),
  },
};
const handlers = new WeakMap<ManagedSocket, Asking>();

it('of a frozen server, no connection is picked or lent once its silence was noticed', async ({
  manager,
}) => {
  const servers = await Promise.all([1, 2, 3, 4].map(() => startServerProcess({ script: 'echo' })));
  const pool = manager.createPool<Asking>('p', () => new Asking(), options);
  for (const server of servers) {
    for (let index = 0; index < 2; index += 1) {
      const connection: Connection<Asking> = pool.addConnection(server.endpoint);
      handlers.set(connection.socket, connection.handler);
    }
  }
  await pool.ready();
  const [frozen] = servers;
  await frozen?.stop();
  const ofFrozen = [...pool].filter(({ endpoint }) => endpoint === [...pool][0]?.endpoint);
  await until(() => ofFrozen.every((connection) => connection.stats().resets.heartbeat > 0));
  let [lost, done] = [0, 0];
  const note = (isAnswered: boolean): void => void (isAnswered ? (done += 1) : (lost += 1));
  for (let request = 0; request < requests; request += 1) {
    note(await pool.pick().handler.ask());
    note(await pool.use(({ handler }) => handler.ask()));
  }
  expect({ lost, done }).toEqual({ lost: 0, done: 2 * requests });
  expect(pool.readyCount).toBe(6);
  await frozen?.cont();
  await pool.ready(8);
  await pool.disconnect({ grace: 0 });
  await Promise.all(servers.map((server) => server.close()));
});
