import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'vitest';
import { it } from '../../support/fixtures.js';

it('closes a connection that is reset right after its end, and leaves no handle open', async ({ server }) => {
  const socket = connect(server.port, server.host).on('error', () => {});
  socket.resume();
  const connection = await server.accept(1);
  server.dropAll('end');
  server.dropAll('reset');
  await connection.closed;
  await once(socket, 'close');
  expect(connection.error).toBeUndefined();
});
