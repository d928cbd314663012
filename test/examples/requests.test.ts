import { describe, expect } from 'vitest';
import { constant } from 'connman';
import { JsonRpc } from '../../examples/requests/json-rpc.js';
import { Memcached } from '../../examples/requests/memcached.js';
import { it, nextTurn, until } from '../support/fixtures.js';
import {
  needsInstalled,
  startInstalled,
  type Installable,
  type InstalledServer,
} from '../support/installed-server.js';
import { perRing } from '../support/per-ring.js';
import { repeat } from '../support/repeat.js';
import { memcached } from '../support/servers.js';

const kills = perRing({ short: 3, soak: 20 });
const users = 8;
const fast = { backoff: constant(20), stableAfter: 1 };

/** Answers each request a moment later, in any order. */
const jsonRpcSource = `
require('node:net').createServer((socket) => {
  let rest = '';
  socket.on('error', () => {}).on('data', (chunk) => {
    const lines = (rest + chunk).split('\\n');
    rest = lines.pop();
    for (const { id, method, params } of lines.map((line) => JSON.parse(line))) {
      const answer = method === 'echo' ? { result: params } : { error: { code: -32601, message: 'no such method' } };
      setTimeout(() => socket.write(JSON.stringify({ jsonrpc: '2.0', id, ...answer }) + '\\n'), Math.random() * 5);
    }
  });
}).listen(process.argv[1], '127.0.0.1');
`;

const jsonRpc: Installable = {
  command: process.execPath,
  package: 'nodejs',
  args: ({ port }) => ['-e', jsonRpcSource, String(port)],
  probe: { ask: '{"jsonrpc":"2.0","id":1,"method":"echo","params":1}\n', answer: '{"jsonrpc":"2.0","id":1' },
};

/** Asks for something new again and again, and looks at each answer. */
class User {
  right = 0;
  failed = 0;
  readonly wrong: string[] = [];
  isStopped = false;
  readonly #name: string;
  readonly #ask: (text: string) => Promise<unknown>;

  constructor(name: string, ask: (text: string) => Promise<unknown>) {
    this.#name = name;
    this.#ask = ask;
  }

  async run(): Promise<void> {
    for (let asked = 0; !this.isStopped; asked += 1) {
      const text = `${this.#name} asks for ${asked}\r\n and no more`;
      try {
        // oxlint-disable-next-line no-await-in-loop
        const answer = await this.#ask(text);
        if (answer === text) this.right += 1;
        else this.wrong.push(`${text}: ${String(answer)}`);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'CONNMAN_LIFE_ENDED' && code !== 'CONNMAN_CLOSED') throw error;
        this.failed += 1;
      }
      // oxlint-disable-next-line no-await-in-loop
      await nextTurn();
    }
  }
}

/** Kills the server again and again, each time once some answers have come. */
async function killUnderLoad(
  server: InstalledServer,
  { connection, requests }: Pick<Memcached | JsonRpc, 'connection' | 'requests'>,
  ask: (text: string) => Promise<unknown>,
): Promise<User[]> {
  const all = Array.from({ length: users }, (_, index) => new User(`user ${index}`, ask));
  const right = (): number => all.reduce((sum, user) => sum + user.right, 0);
  const running = Promise.all(all.map((user) => user.run()));
  await repeat(kills, async () => {
    const before = right();
    await until(() => right() >= before + 100);
    const { life } = connection;
    await server.kill();
    await until(() => connection.state !== 'ready' || connection.life > life);
    await server.start();
    await connection.ready();
  });
  for (const user of all) user.isStopped = true;
  await running;
  expect(all.flatMap(({ wrong }) => wrong)).toEqual([]);
  expect(requests.pending).toBe(0);
  expect(requests.lost, 'requests were under way').toBeGreaterThan(0);
  await connection.disconnect();
  return all;
}

describe('memcached.ts', () => {
  it('sets and gets', async ({ skip }) => {
    needsInstalled(memcached, { skip });
    await using server = await startInstalled(memcached);
    const cache = new Memcached(server.port, server.host, fast);
    await cache.connection.ready();
    await cache.set('key', 'END\r\nVALUE x 0 3\r\n\xff');
    expect(await Promise.all(['key', 'none', 'key'].map((key) => cache.get(key)))).toEqual([
      'END\r\nVALUE x 0 3\r\n\xff',
      undefined,
      'END\r\nVALUE x 0 3\r\n\xff',
    ]);
    await cache.set('large', 'x'.repeat(500_000));
    expect(await cache.get('large')).toHaveLength(500_000);
    await expect(cache.set('larger', 'x'.repeat(2_000_000))).rejects.toThrow('SERVER_ERROR');
    await cache.connection.disconnect();
  });

  it(
    'gets no wrong answer from a server that is killed under load',
    { timeout: 60_000 },
    async ({ skip }) => {
      needsInstalled(memcached, { skip });
      await using server = await startInstalled(memcached);
      const cache = new Memcached(server.port, server.host, fast);
      await cache.connection.ready();
      let keys = 0;
      await killUnderLoad(server, cache, async (text) => {
        const key = `key${(keys += 1)}`;
        const stored = cache.set(key, text);
        const [, answer] = await Promise.all([stored, cache.get(key)]);
        return answer;
      });
    },
  );
});

describe('json-rpc.ts', () => {
  it('calls, and tells of an error', async () => {
    await using server = await startInstalled(jsonRpc);
    const rpc = new JsonRpc(server.port, server.host, fast);
    await rpc.connection.ready();
    const values = ['ä', { a: [1] }, null];
    expect(await Promise.all(values.map((value) => rpc.call('echo', value)))).toEqual(values);
    await expect(rpc.call('nothing', 1)).rejects.toThrow('-32601: no such method');
    await rpc.connection.disconnect();
  });

  it('gets no wrong answer from a server that is killed under load', { timeout: 60_000 }, async () => {
    await using server = await startInstalled(jsonRpc);
    const rpc = new JsonRpc(server.port, server.host, fast);
    await rpc.connection.ready();
    await killUnderLoad(server, rpc, (text) => rpc.call('echo', text));
  });
});
