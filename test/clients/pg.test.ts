import { Client } from 'pg';
import { connect } from 'connman';
import { describe, expect } from 'vitest';
import { Postgres } from '../../examples/clients/pg.js';
import { it, until } from '../support/fixtures.js';
import { needsInstalled, startInstalled } from '../support/installed-server.js';
import { postgres, postgresLogin } from '../support/servers.js';
import { Cutter } from './cutter.js';
import { liveThrough, mixed, type Subject } from './drops.js';
import { expectPersistence, type Mode, modes, type Place, report, soon, timeLimit } from './expectations.js';

const others = `pid <> pg_backend_pid() AND backend_type = 'client backend'`;

/** Asks as somebody else, over a connection of its own; resolves with the first column of the answer. */
async function query({ port, host }: Place, text: string): Promise<unknown[]> {
  const client = new Client({ ...postgresLogin, port, host });
  await client.connect();
  const { rows } = await client.query<unknown[]>({ text, rowMode: 'array' });
  await client.end();
  return rows.map(([value]) => value);
}

function postgresOver({ port, host }: Place, listeners: Mode): Subject {
  const handler = new Postgres(postgresLogin);
  const connection = connect(port, host, handler, { ...soon, listeners });
  const ask = async (value: string): Promise<unknown> => {
    const text = 'SELECT $1::text AS answer, pg_sleep(0.01)';
    const { rows } = await handler.client.query<{ answer: string }>(text, [value]);
    return rows[0]?.answer;
  };
  // pg sends one query after the other.
  return { connection, ready: () => connection.ready(), ask, together: 1 };
}

describe.each(modes)("pg with listeners: '%s'", timeLimit, (listeners) => {
  it('lives through 12 pg_terminate_backend and 3 kill -9, a client for each life', async ({ skip }) => {
    needsInstalled(postgres, { skip });
    await using server = await startInstalled(postgres);
    const subject = postgresOver(server, listeners);
    const terminate = async (): Promise<void> => {
      const killed = await query(
        server,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others}`,
      );
      expect(killed).toEqual([true]);
    };
    const restart = async (): Promise<void> => {
      await server.kill();
      await server.start();
    };
    const account = await liveThrough(subject, mixed(12, terminate, 3, restart));
    const sessions = await query(server, `SELECT pid FROM pg_stat_activity WHERE ${others}`);
    await subject.connection.disconnect();
    report('pg', listeners, account);
    if (listeners === 'keep') return;
    expectPersistence(account);
    expect(sessions).toHaveLength(1);
  });

  it('loses no more than what was under way when an answer or a login is cut in two', async ({ skip }) => {
    needsInstalled(postgres, { skip });
    await using server = await startInstalled(postgres);
    await using cutter = await Cutter.start(server);
    const subject = postgresOver(cutter, listeners);
    const account = await liveThrough(subject, [...cutter.drops(), ...cutter.dropsAtLogin()]);
    await subject.connection.disconnect();
    report('pg, cut', listeners, account);
    if (listeners === 'life') expectPersistence(account);
  });
});

describe('pg', () => {
  it('rejects what was under way, and what is asked while the link is down', async ({ skip }) => {
    needsInstalled(postgres, { skip });
    await using server = await startInstalled(postgres);
    const handler = new Postgres(postgresLogin);
    const connection = connect(server.port, server.host, handler, { ...soon, listeners: 'life' });
    await connection.ready();
    const { client } = handler;
    const sleeping = client.query('SELECT pg_sleep(60)');
    connection.reset();
    await expect(sleeping).rejects.toThrow('Connection terminated unexpectedly');
    expect(() => handler.client).toThrow('not connected');
    await connection.ready();
    await expect(client.query('SELECT 1')).rejects.toThrow();
    expect((await handler.client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await connection.disconnect();
  });

  it('does not become ready with a wrong password', async ({ skip }) => {
    needsInstalled(postgres, { skip });
    await using server = await startInstalled(postgres);
    const handler = new Postgres({ ...postgresLogin, password: 'wrong' });
    const connection = connect(server.port, server.host, handler, { ...soon, listeners: 'life' });
    await until(() => connection.stats().lastReset?.life === 2);
    const { lastReset } = connection.stats();
    await connection.disconnect();
    expect(lastReset).toMatchObject({ code: 'handshake', error: { cause: { code: '28P01' } } });
  });
});
