import { createServer, type AddressInfo, type Server } from 'node:net';
import { describe, expect } from 'vitest';
import { twoChoices, type Connection, type ConnectionManager, type Handler } from '../../src/index.js';
import { it, nextTurn } from '../support/fixtures.js';

/** Answers each byte: the good ones with a dot after a while, the others with a dash at once. */
async function startServer(isGood: boolean): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const answer = (isGood ? '.' : '-').repeat(chunk.length);
      if (isGood) setImmediate(() => socket.write(answer));
      else socket.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

class Client implements Handler {
  readonly waiting: ((answer: string) => void)[] = [];
  onConnect(): void {}
  onReset(): void {
    for (const answered of this.waiting.splice(0)) answered('lost');
  }
  onData(chunk: Buffer): void {
    for (const each of String(chunk)) this.waiting.shift()?.(each);
  }
  ask(connection: Connection): Promise<string> {
    connection.socket.write('?');
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

/** The part of the requests that fail, of eight users who each send one after the other. */
async function failures(manager: ConnectionManager, name: string, isEjecting: boolean): Promise<number> {
  const servers = await Promise.all([true, true, true, false].map(startServer));
  const pick = twoChoices(({ handler }: Connection<Client>) => handler.waiting.length);
  const pool = manager.createPool(name, () => new Client(), { pick });
  for (const server of servers) pool.addConnection((server.address() as AddressInfo).port, '127.0.0.1');
  await pool.ready();
  let failed = 0;
  const user = async (): Promise<void> => {
    for (let request = 0; request < 250; request += 1) {
      const connection = pool.pick();
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      if ((await connection.handler.ask(connection)) === '.') continue;
      failed += 1;
      if (isEjecting) connection.reset(new Error('server error'));
    }
  };
  await Promise.all(Array.from({ length: 8 }, user));
  await pool.disconnect();
  for (const server of servers) server.close();
  await nextTurn();
  return failed / 2_000;
}

describe('a server that fails fast', () => {
  it('draws load by twoChoices(), and is out of it when each error ends the life', async ({ manager }) => {
    expect(await failures(manager, 'patient', false)).toBeGreaterThan(0.2);
    expect(await failures(manager, 'ejecting', true)).toBeLessThan(0.03);
  });
});
