import type { LookupFunction } from 'node:net';
import { describe, expect } from 'vitest';
import { constant } from '../../src/index.js';
import { startBlackHole, startFaultServer } from '../../src/testing/index.js';
import { certificates } from '../support/certificates.js';
import { it } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

function resolvesTo(...addresses: string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: 4 }));
  return (_name, options, answer) =>
    options.all ? answer(null, all) : answer(null, all[0]?.address ?? '', 4);
}

describe('a name with several addresses', () => {
  it('that all refuse is told with each of them', async ({ server, manager }) => {
    await server.refuse();
    const handler = new Recorder();
    const lookup = resolvesTo('127.0.0.1', '127.0.0.3', '127.0.0.4');
    manager.connect(server.port, 'name.test', handler, { lookup, backoff: constant(60_000) });
    await handler.until('retry');
    const error = handler.failures[0]?.error;
    expect(error?.cause).toBeInstanceOf(AggregateError);
    expect(error?.cause).toMatchObject({ code: 'ECONNREFUSED' });
    expect(error?.message).toBe(
      `dial to name.test:${server.port} failed (1 in a row): ` +
        ['127.0.0.1', '127.0.0.3', '127.0.0.4']
          .map((address) => `connect ECONNREFUSED ${address}:${server.port}`)
          .join('; '),
    );
  });

  it('is dialled at the next when one does not answer: how soon is an option', async ({ manager }) => {
    const hole = await startBlackHole();
    await using server = await startFaultServer({ host: '127.0.0.2', port: hole.port });
    const handler = new Recorder();
    const options = {
      lookup: resolvesTo(hole.host, server.host),
      backoff: constant(0),
      connectTimeout: 5_000,
      autoSelectFamilyAttemptTimeout: 10,
    };
    const { socket } = manager.connect(hole.port, 'name.test', handler, options);
    await handler.until('connect');
    expect(socket.remoteAddress).toBe(server.host);
    server.dropAll('end');
    await handler.until('reconnect');
    expect(handler.failures).toEqual([]);
    await hole.close();
  });

  it('is dialled at the first only, if that is asked for', async ({ manager }) => {
    const hole = await startBlackHole();
    await using server = await startFaultServer({ host: '127.0.0.2', port: hole.port });
    const handler = new Recorder();
    const options = {
      lookup: resolvesTo(hole.host, server.host),
      backoff: constant(60_000),
      connectTimeout: 300,
      autoSelectFamily: false,
    };
    const connection = manager.connect(hole.port, 'name.test', handler, options);
    await handler.until('retry');
    expect(handler.failures[0]).toMatchObject({
      phase: 'connect',
      error: { cause: { message: 'no connection within 300 ms: the server has not answered' } },
    });
    expect(server.accepted).toBe(0);
    await connection.disconnect();
    await hole.close();
  });
});

it('a TLS dial that reaches the socket itself counts as refused', async ({ server, manager }) => {
  await server.refuse();
  const { ca } = await certificates();
  const handler = new Recorder();
  const connection = manager.connect(server.port, '127.0.0.1', handler, {
    tls: { ca },
    backoff: constant(60_000),
    localPort: server.port,
    localAddress: '127.0.0.1',
  });
  await handler.until('retry');
  expect(handler.failures[0]?.error.cause).toMatchObject({
    code: 'ECONNREFUSED',
    message: expect.stringContaining('itself') as string,
  });
  await connection.disconnect();
});
