import { connect } from 'connman';
import { describe, expect } from 'vitest';
import { MySql } from '../../examples/clients/mysql2.js';
import { it, until } from '../support/fixtures.js';
import { Cutter } from './cutter.js';
import { liveThrough, type Subject } from './drops.js';
import { expectPersistence, type Mode, modes, type Place, report, soon, timeLimit } from './expectations.js';
import { serve } from './mysql-server.js';
import { Peer } from './peer.js';

function mySqlOver({ port, host }: Place, listeners: Mode): Subject {
  const handler = new MySql({ user: 'me' });
  const connection = connect(port, host, handler, { ...soon, listeners });
  const ask = async (value: string): Promise<unknown> => {
    const [rows] = await handler.client.query(value);
    return (rows as { answer: string }[])[0]?.answer;
  };
  return { connection, ready: () => connection.ready(), ask };
}

describe.each(modes)("mysql2 with listeners: '%s'", timeLimit, (listeners) => {
  it('lives through 18 drops, a client for each life', async () => {
    await using peer = await Peer.start(serve);
    const subject = mySqlOver(peer, listeners);
    const account = await liveThrough(subject, peer.drops(6));
    await subject.connection.disconnect();
    report('mysql2', listeners, account);
    if (listeners === 'keep') return;
    expectPersistence(account);
    expect(account.dropped.rejected).toBeGreaterThan(0);
  });

  it('loses no more than what was under way when an answer or a login is cut in two', async () => {
    await using peer = await Peer.start(serve);
    await using cutter = await Cutter.start(peer);
    const subject = mySqlOver(cutter, listeners);
    const account = await liveThrough(subject, [...cutter.drops(), ...cutter.dropsAtLogin()]);
    await subject.connection.disconnect();
    report('mysql2, cut', listeners, account);
    if (listeners === 'life') expectPersistence(account);
  });
});

describe('mysql2', () => {
  it('rejects what was under way when its life ends', async () => {
    await using peer = await Peer.start(serve);
    const handler = new MySql({ user: 'me' });
    const connection = connect(peer.port, peer.host, handler, { ...soon, listeners: 'life' });
    await connection.ready();
    const asked = handler.client.query('a question');
    connection.reset();
    await expect(asked).rejects.toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
    expect(() => handler.client).toThrow('not connected');
    await connection.disconnect();
  });

  it('does not become ready for somebody else', async () => {
    await using peer = await Peer.start(serve);
    const handler = new MySql({ user: 'you' });
    const connection = connect(peer.port, peer.host, handler, { ...soon, listeners: 'life' });
    await until(() => connection.stats().lastReset?.life === 2);
    const { lastReset } = connection.stats();
    await connection.disconnect();
    expect(lastReset).toMatchObject({
      code: 'handshake',
      error: { cause: { code: 'ER_ACCESS_DENIED_ERROR' } },
    });
  });
});
