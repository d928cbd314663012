import type { Server } from 'node:net';
import { connect, type Connection, type Handler } from 'connman';
import { describe, expect } from 'vitest';
import { PostgresJs } from '../../../examples/clients/postgres.js';
import { Ssh } from '../../../examples/clients/ssh2.js';
import { LastingWebSocket } from '../../../examples/clients/ws.js';
import { it, until } from '../../support/fixtures.js';
import { needsInstalled, startInstalled } from '../../support/installed-server.js';
import { postgres, postgresLogin } from '../../support/servers.js';
import { type Place, soon } from '../expectations.js';
import { Peer } from '../peer.js';
import { serve as serveSsh } from './ssh2.mjs';
import { serve as serveWebSocket } from './ws.mjs';

/** The drops of these examples are in `run.mjs`. Here is what a handler does with its client. */
interface Example<H extends Handler> {
  readonly start: () => Promise<Place & AsyncDisposable>;
  /** With the right login, or with another. */
  readonly make: (isRight: boolean) => H;
  readonly client: (handler: H) => unknown;
  /** Asks for something that is not answered within the test. */
  readonly wait: (handler: H) => Promise<unknown>;
  readonly ask: (handler: H) => Promise<unknown>;
  readonly refusal: object;
}

function peerOf(serve: (server: Server) => unknown): () => Promise<Peer> {
  return () => Peer.start(serve);
}

const messages: string[] = [];

const ssh: Example<Ssh> = {
  start: peerOf(serveSsh),
  make: (isRight) => new Ssh({ username: 'me', password: isRight ? 'secret' : 'wrong' }),
  client: (handler) => handler.client,
  wait: (handler) => handler.run('wait'),
  ask: (handler) => handler.run('right'),
  refusal: { message: 'SSH refuses the login', cause: { level: 'client-authentication' } },
};

const webSocket: Example<LastingWebSocket> = {
  start: peerOf(serveWebSocket),
  make: (isRight) =>
    new LastingWebSocket(`ws://localhost/${isRight ? '' : 'wrong'}`, (data) =>
      messages.push((data as Buffer).toString()),
    ),
  client: (handler) => handler.peer,
  wait: ({ peer }) =>
    new Promise((_, reject) => peer.once('close', () => reject(new Error('the link was lost')))),
  ask: async ({ peer }) => {
    peer.send('right');
    await until(() => messages.length > 0);
    return messages.pop();
  },
  refusal: { message: 'the server answered 401' },
};

const sql: Example<PostgresJs> = {
  start: () => startInstalled(postgres),
  make: (isRight) => new PostgresJs({ ...postgresLogin, ...(!isRight && { password: 'wrong' }) }),
  client: (handler) => handler.sql,
  wait: ({ sql: client }) => Promise.resolve(client`SELECT pg_sleep(60)`),
  ask: async ({ sql: client }) => (await client`SELECT 'right' AS answer`)[0]?.['answer'] as unknown,
  refusal: { message: 'PostgreSQL refuses the login', cause: { code: '28P01' } },
};

function over<H extends Handler>({ port, host }: Place, handler: H): Connection<H> {
  return connect(port, host, handler, { ...soon, listeners: 'life' });
}

async function livesOn<H extends Handler>({ start, make, client, wait, ask }: Example<H>): Promise<void> {
  await using server = await start();
  const connection = over(server, make(true));
  const { handler } = connection;
  await connection.ready();
  const first = client(handler);
  expect(await ask(handler)).toBe('right');
  const waiting = wait(handler);
  connection.reset();
  await expect(waiting).rejects.toThrow(/the link was lost|No response|CONNECTION_CLOSED/);
  expect(() => client(handler)).toThrow('not connected');
  await connection.ready();
  expect(client(handler)).not.toBe(first);
  expect(await ask(handler)).toBe('right');
  expect(connection.life).toBe(2);
  await connection.disconnect();
}

async function givesUp<H extends Handler>({ start, make, client, refusal }: Example<H>): Promise<void> {
  await using server = await start();
  const connection = over(server, make(false));
  await expect(connection.ready()).rejects.toThrow();
  expect(connection.state).toBe('closed');
  expect(connection.stats()).toMatchObject({ lives: 1, lastReset: { error: { cause: refusal } } });
  expect(() => client(connection.handler)).toThrow('not connected');
}

describe('ssh2', () => {
  it('rejects what is under way when its life ends, and has a new client in the next', () => livesOn(ssh));
  it('is closed when the login is refused', () => givesUp(ssh));
});

describe('ws', () => {
  it('is closed when its life ends, and has a new WebSocket in the next', () => livesOn(webSocket));
  it('is closed when the upgrade is refused', () => givesUp(webSocket));
});

describe('postgres', () => {
  it('rejects what is under way when its life ends, and has a new client in the next', ({ skip }) => {
    needsInstalled(postgres, { skip });
    return livesOn(sql);
  });
  it('is closed when the login is refused', ({ skip }) => {
    needsInstalled(postgres, { skip });
    return givesUp(sql);
  });
});
