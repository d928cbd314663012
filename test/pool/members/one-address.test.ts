import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'vitest';
import { constant, staticEndpoints } from '../../../src/index.js';
import { it as plainIt, until } from '../../support/fixtures.js';
import { turns } from '../../support/repeat.js';
import { Asker, SteadyLoad } from './steady-load.js';

/** One address in front of several echo servers, as a proxy is: it chooses once for each connection, in turn. */
class Proxy {
  /** How many requests each server has answered. */
  readonly answered: number[] = [0, 0];
  /** The connections of each server. */
  readonly open: Set<Socket>[] = [new Set(), new Set()];
  readonly #server: Server = createServer((socket) => this.#welcome(socket));
  #accepted = 0;

  async listen(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  get endpoint(): { host: string; port: number } {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  addServer(): void {
    this.answered.push(0);
    this.open.push(new Set());
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.open.flatMap((sockets) => [...sockets])) socket.destroy();
    await once(this.#server, 'close');
  }

  /** A server answers some turns later, and forgets what it owes when the peer ends. */
  #welcome(socket: Socket): void {
    const index = this.#accepted++ % this.open.length;
    const sockets = this.open[index] as Set<Socket>;
    sockets.add(socket);
    socket
      .on('error', () => undefined)
      .on('end', () => socket.destroy())
      .on('close', () => sockets.delete(socket))
      .on('data', (chunk: Buffer) => void this.#answer(socket, index, chunk));
  }

  async #answer(socket: Socket, index: number, chunk: Buffer): Promise<void> {
    await turns(5);
    if (!socket.writable) return;
    this.answered[index] = (this.answered[index] ?? 0) + 1;
    socket.write(chunk);
  }
}

const it = plainIt.extend<{ proxy: Proxy }>({
  // oxlint-disable-next-line no-empty-pattern
  proxy: async ({}, use) => {
    const proxy = await new Proxy().listen();
    await use(proxy);
    await proxy.close();
  },
});

it('with maxAge, a server that is added behind one address gets its share, and nothing is lost', async ({
  manager,
  proxy,
}) => {
  const pool = manager.createPool('behind', () => new Asker(), {
    discovery: staticEndpoints([proxy.endpoint]),
    perEndpoint: 6,
    maxAge: 60,
    drain: 10_000,
    backoff: constant(0),
    stableAfter: 0,
  });
  await pool.ready();
  const load = new SteadyLoad(pool, 500);
  await until(() => load.answered >= 20);
  proxy.addServer();
  await until(() => (proxy.answered[2] ?? 0) >= 30 && proxy.open.every(({ size }) => size > 0));
  await load.stop();
  expect([load.lost, load.refused]).toEqual([[], []]);
});
