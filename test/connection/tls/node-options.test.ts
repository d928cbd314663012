import type { Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { expect } from 'vitest';
import { constant, type ManagedSocket } from '../../../src/index.js';
import { end, greet, startFaultServer } from '../../../src/testing/index.js';
import { portOf } from '../../../src/testing/listen/port-reservation.js';
import { certificates } from '../../support/certificates.js';
import { it as plainIt, until } from '../../support/fixtures.js';

const staple = Buffer.from('an OCSP response');

/** A server that has something to say of its certificate. */
const it = plainIt.extend<{ stapling: Server }>({
  // oxlint-disable-next-line no-empty-pattern
  stapling: async ({}, use) => {
    const { localhost } = await certificates();
    const sockets: Socket[] = [];
    const server = createServer(localhost, (socket) =>
      sockets.push(socket.on('error', () => undefined).resume()),
    );
    server.on('OCSPRequest', (_certificate, _issuer, answer) => answer(null, staple));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await use(server);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  },
});

it('requestOCSP: the event reaches the handler, in each life, once', async ({ manager, stapling }) => {
  const { ca } = await certificates();
  const told: (readonly [life: number, response: unknown])[] = [];
  const connection = manager.connect(
    portOf(stapling),
    'localhost',
    {
      onConnect(socket: ManagedSocket, { life }) {
        socket.on('OCSPResponse', (response: unknown) => told.push([life, response]));
      },
    },
    { tls: { ca, requestOCSP: true }, backoff: constant(0), stableAfter: 0 },
  );
  await until(() => told.length === 1);
  connection.reset();
  await until(() => told.length === 2);
  expect(told).toEqual([
    [1, staple],
    [2, staple],
  ]);
  await connection.disconnect();
});

it('onread among the options of tls gets the input of each life, and no other does', async ({ manager }) => {
  const { ca, localhost } = await certificates();
  await using server = await startFaultServer({ tls: localhost, script: (n) => [greet(`life ${n}`), end()] });
  const buffer = Buffer.alloc(4);
  const read: string[] = [];
  const onread = {
    buffer,
    callback: (length: number) => read.push(buffer.toString('latin1', 0, length)) > 0,
  };
  const connection = manager.connect(
    server.port,
    'localhost',
    { onConnect: () => undefined },
    { tls: { ca, onread }, backoff: constant(0), stableAfter: 0 },
  );
  await until(() => read.join('').includes('life 3'));
  await connection.disconnect();
  expect(read.join('').slice(0, 18)).toBe('life 1life 2life 3');
});
