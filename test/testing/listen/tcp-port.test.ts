import { expect } from 'vitest';
import { startFaultServer } from '../../../src/testing/index.js';
import { dial, expectNoHandles, handles, test, turns } from '../client.js';

expectNoHandles();

test('refuse() refuses dials, leaves open connections alone, and listen() takes the same port', async () => {
  await using server = await startFaultServer();
  const { port } = server;
  const old = dial(server);
  await server.accept(1);
  await server.refuse();
  await server.refuse();
  expect(await dial(server).closed).toEqual(['ECONNREFUSED', 'close']);
  old.socket.write('x');
  expect(await old.read(1)).toBe('x');
  await server.listen();
  await server.listen();
  expect(server.port).toBe(port);
  const later = dial(server);
  later.socket.write('y');
  expect(await later.read(1)).toBe('y');
  expect(server.accepted).toBe(2);
});

test('holds its port by a connection while it refuses, and only then', async () => {
  const before = handles();
  await using server = await startFaultServer();
  await server.refuse();
  await turns(2);
  expect(handles()).toEqual([...before, 'TCPSocketWrap', 'TCPSocketWrap'].toSorted());
  await server.listen();
  await turns(4);
  expect(handles()).toEqual([...before, 'TCPServerWrap'].toSorted());
});

test('refuse() and listen() are done in the order of the calls', async () => {
  await using server = await startFaultServer();
  await Promise.all([server.refuse(), server.listen(), server.refuse()]);
  expect(await dial(server).closed).toEqual(['ECONNREFUSED', 'close']);
  await Promise.all([server.listen(), server.refuse(), server.listen()]);
  dial(server);
  await server.accept(1);
});

test('a port that is taken is an error of Node.js', async () => {
  await using server = await startFaultServer();
  await expect(startFaultServer({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('host is the address it listens on', async () => {
  await using server = await startFaultServer({ host: '127.0.0.2' });
  expect(await dial({ host: '127.0.0.1', port: server.port }).closed).toEqual(['ECONNREFUSED', 'close']);
  dial(server);
  expect((await server.accept(1)).socket.localAddress).toBe('127.0.0.2');
});
