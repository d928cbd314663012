import { once } from 'node:events';
import { connect } from 'node:net';
import type { Redis } from 'ioredis';
import { describe, expect } from 'vitest';
import { connectRedis } from '../../examples/clients/ioredis.js';
import { it, until } from '../support/fixtures.js';
import { needsInstalled, startInstalled } from '../support/installed-server.js';
import { redis as redisServer } from '../support/servers.js';
import { Cutter } from './cutter.js';
import { liveThrough, mixed, type Subject } from './drops.js';
import { expectPersistence, type Mode, modes, type Place, report, soon, timeLimit } from './expectations.js';

/** Sends a command over a connection of its own, as one would with netcat. */
async function command({ port, host }: Place, text: string): Promise<string> {
  const socket = connect(port, host, () => socket.end(`${text}\r\nQUIT\r\n`)).setEncoding('utf8');
  let answer = '';
  socket.on('data', (chunk) => (answer += String(chunk)));
  await once(socket, 'close');
  return answer;
}

function redisOver({ port, host }: Place, listeners: Mode): Subject & { readonly redis: Redis } {
  const { connection, redis } = connectRedis(port, host, { ...soon, listeners });
  const ready = (): Promise<void> => until(() => redis.status === 'ready');
  return { connection, redis, ready, ask: (value) => redis.echo(value) };
}

async function end({ redis, connection }: ReturnType<typeof redisOver>): Promise<void> {
  redis.disconnect();
  await connection.disconnect();
}

describe.each(modes)("ioredis with listeners: '%s'", timeLimit, (listeners) => {
  it('lives through 20 CLIENT KILL and 3 kill -9 with one client', async ({ skip }) => {
    needsInstalled(redisServer, { skip });
    await using server = await startInstalled(redisServer);
    const subject = redisOver(server, listeners);
    const kill = (): Promise<string> => command(server, 'CLIENT KILL TYPE normal SKIPME yes');
    const restart = async (): Promise<void> => {
      await server.kill();
      await server.start();
    };
    const account = await liveThrough(subject, mixed(20, kill, 3, restart));
    report('ioredis', listeners, account);
    const clients = await command(server, 'CLIENT LIST');
    await end(subject);
    if (listeners === 'keep') return;
    expectPersistence(account);
    expect(clients.match(/^id=/gm)).toHaveLength(2);
  });

  it('loses no more than what was under way when an answer or a login is cut in two', async ({ skip }) => {
    needsInstalled(redisServer, { skip });
    await using server = await startInstalled(redisServer);
    await using cutter = await Cutter.start(server);
    const subject = redisOver(cutter, listeners);
    const account = await liveThrough(subject, [...cutter.drops(), ...cutter.dropsAtLogin()]);
    report('ioredis, cut', listeners, account);
    await end(subject);
    if (listeners === 'life') expectPersistence(account);
  });
});

describe('ioredis', () => {
  it('rejects a command that is under way at a drop, and queues one that comes later', async ({ skip }) => {
    needsInstalled(redisServer, { skip });
    await using server = await startInstalled(redisServer);
    const { connection, redis } = connectRedis(server.port, server.host, soon);
    await redis.set('key', 'value');
    const blocked = redis.blpop('nothing', 0);
    await until(() => connection.stats().bytesWritten > 0);
    await Promise.all([
      expect(blocked).rejects.toThrow(/retries/),
      command(server, 'CLIENT KILL TYPE normal'),
    ]);
    expect(await redis.get('key')).toBe('value');
    await redis.quit();
    await until(() => connection.state === 'closed');
  });

  it('can be disconnected while the server is down', async ({ skip }) => {
    needsInstalled(redisServer, { skip });
    await using server = await startInstalled(redisServer);
    const { connection, redis } = connectRedis(server.port, server.host, soon);
    await once(redis, 'ready');
    await Promise.all([server.kill(), until(() => redis.status === 'connecting')]);
    redis.disconnect();
    await until(() => connection.state === 'closed');
  });
});
