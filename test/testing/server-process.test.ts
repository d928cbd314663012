import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ClosedError, OptionError } from '../../src/primitives/errors.js';
import { startServerProcess } from '../../src/testing/index.js';
import { dial, expectNoHandles, handles, turns } from './client.js';

expectNoHandles();

test('a server process echoes, and answers a FIN with a FIN', async () => {
  await using server = await startServerProcess();
  const client = dial(server);
  client.socket.end('hello');
  expect(await client.closed).toEqual(['connect', 'data', 'end', 'close']);
  expect(client.chunks.join('')).toBe('hello');
});

test("the script 'silent' answers nothing but a FIN", async () => {
  await using server = await startServerProcess({ script: 'silent' });
  const client = dial(server);
  client.socket.end('hello');
  expect(await client.closed).toEqual(['connect', 'end', 'close']);
});

test('kill() drops connections and refuses dials; restart() is another process on the same port', async () => {
  await using server = await startServerProcess();
  const { port, pid } = server;
  const client = dial(server);
  client.socket.write('x');
  await client.read(1);
  await server.kill();
  await server.kill();
  expect(await client.closed).toEqual(['connect', 'data', 'end', 'close']);
  expect(await dial(server).closed).toEqual(['ECONNREFUSED', 'close']);
  await server.restart();
  const later = dial(server);
  later.socket.write('y');
  expect(await later.read(1)).toBe('y');
  expect(server.port).toBe(port);
  expect(server.pid).not.toBe(pid);
});

test('holds its port by a connection while it is killed', async () => {
  const before = handles();
  await using server = await startServerProcess();
  await server.kill();
  await turns(2);
  expect(handles()).toEqual([...before, 'TCPSocketWrap', 'TCPSocketWrap'].toSorted());
});

test('restart() kills a process that runs', async () => {
  await using server = await startServerProcess();
  const client = dial(server);
  client.socket.write('x');
  await client.read(1);
  await server.restart();
  expect((await client.closed).at(-1)).toBe('close');
});

test('while stopped it takes dials and bytes and answers none; cont() lets it answer', async () => {
  await using server = await startServerProcess();
  const client = dial(server);
  client.socket.write('a');
  await client.read(1);
  await server.stop();
  const later = dial(server);
  await once(later.socket, 'connect');
  await new Promise((resolve) => client.socket.write('b', resolve));
  await turns(200);
  expect([client.chunks.join(''), later.events]).toEqual(['a', ['connect']]);
  await server.cont();
  expect(await client.read(2)).toBe('ab');
});

test('it can be stopped twice and killed while it is stopped', async () => {
  await using server = await startServerProcess();
  await server.stop();
  await server.stop();
  await server.kill();
  await server.restart();
  const client = dial(server);
  client.socket.write('x');
  expect(await client.read(1)).toBe('x');
});

test.each(['running', 'stopped', 'killed'] as const)(
  'close() leaves nothing behind (%s before)',
  async (state) => {
    const before = handles();
    const server = await startServerProcess();
    if (state === 'stopped') await server.stop();
    if (state === 'killed') await server.kill();
    expect(server.close()).toBe(server.close());
    await server.close();
    expect(handles()).toEqual(before);
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
    await expect(server.restart()).rejects.toThrow(ClosedError);
  },
);

test.each(['running', 'stopped'])(
  'the child dies with a parent that is killed (%s before)',
  async (state) => {
    const program = `
      const { startServerProcess } = require('./src/testing/index.ts');
      startServerProcess().then(async (server) => {
        ${state === 'stopped' ? 'await server.stop();' : ''}
        console.log(server.port);
      });
    `;
    const args = ['--import', 'tsx', '--input-type=commonjs', '-e', program];
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line]: Buffer[] = await Promise.race([once(parent.stdout, 'data'), once(parent, 'close')]);
    const client = dial({ host: '127.0.0.1', port: Number(line) });
    await once(client.socket, 'connect');
    parent.kill('SIGKILL');
    await once(parent, 'close');
    expect((await client.closed).at(-1)).toBe('close');
  },
);

test('a port that is taken is an error of Node.js', async () => {
  await using server = await startServerProcess();
  await expect(startServerProcess({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test.each([{ port: -1 }, { host: 7 }, { script: 'reset' }, { backlog: 1 }])(
  'the options %o are refused at the call',
  (options) => {
    expect(() => startServerProcess(Object(options))).toThrow(OptionError);
  },
);
