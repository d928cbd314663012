import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect } from 'vitest';
import { constant, type ChannelPayloads, type Connection } from '../../src/index.js';
import { startFaultServer } from '../../src/testing/index.js';
import { it, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

it('a subscriber that comes late can ask for what there is, and what has happened', async ({
  server,
  manager,
}) => {
  await using refusing = await startFaultServer();
  await refusing.refuse();
  const pool = manager.createPool('p', () => new Recorder(), { backoff: constant(60_000) });
  const [ready, down] = [server, refusing].map(({ port, host }) => pool.addConnection(port, host));
  const lone = manager.connect(server.port, server.host, new Recorder(), { backoff: constant(0) });
  await Promise.all([ready?.ready(), lone.ready(), until(() => down?.stats().lastDialError !== undefined)]);
  const before = Date.now();

  const heard: ChannelPayloads['connman:connection:reset'][] = [];
  const hear = (message: unknown): void => void heard.push(message as (typeof heard)[number]);
  subscribe('connman:connection:reset', hear);
  // All that there is, by the number that messages have.
  const known = new Map<number, Connection>();
  for (const connection of [...manager.connections, ...manager.pools.flatMap((each) => [...each])])
    known.set(connection.id, connection);
  expect([...known.values()]).toEqual([lone, ready, down]);

  const [stats] = manager.stats().pools;
  expect(stats).toMatchObject({ name: 'p', state: 'degraded', rootCode: 'ECONNREFUSED', size: 2, ready: 1 });
  expect(stats?.notUpSince).toBeLessThanOrEqual(before);
  expect(stats?.endpoints).toMatchObject([
    { endpoint: { port: server.port }, state: 'up', notUpSince: undefined },
    {
      endpoint: { port: refusing.port },
      state: 'down',
      failures: { connect: 1 },
      gate: { state: 'probing' },
    },
  ]);
  expect(down?.stats()).toMatchObject({ state: 'waiting', lastDialError: { rootCode: 'ECONNREFUSED' } });
  expect(down?.stats().lastDialErrorAt).toBeLessThanOrEqual(before);

  server.dropAll('end');
  await until(() => heard.length === 2);
  unsubscribe('connman:connection:reset', hear);
  const lost = heard.map(({ id, life }) => ({ connection: known.get(id), life }));
  expect(lost).toEqual(
    expect.arrayContaining([
      { connection: ready, life: 1 },
      { connection: lone, life: 1 },
    ]),
  );
});
