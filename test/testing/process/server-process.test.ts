import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { TLSSocket } from 'node:tls';
import { describe, expect } from 'vitest';
import { certificates } from '../../support/certificates.js';
import { ClosedError, OptionError } from '../../../src/primitives/errors.js';
import { startServerProcess } from '../../../src/testing/index.js';
import { dial, expectNoHandles, handles, Line, socketPath, test, turns } from '../client.js';

expectNoHandles();

describe.each(['tcp', 'unix', 'tls'] as const)('over %s', (transport) => {
  const line = new Line(transport);

  test('a server process echoes, and answers a FIN with a FIN', async () => {
    await using server = await line.startProcess();
    const client = line.dial(server);
    client.socket.end('hello');
    expect(await client.closed).toEqual(['connect', 'data', 'end', 'close']);
    expect(client.chunks.join('')).toBe('hello');
  });

  test("the script 'silent' answers nothing but a FIN", async () => {
    await using server = await line.startProcess({ script: 'silent' });
    const client = line.dial(server);
    client.socket.end('hello');
    expect(await client.closed).toEqual(['connect', 'end', 'close']);
  });

  test('kill() drops connections and refuses dials; restart() is another process in the same place', async () => {
    await using server = await line.startProcess();
    const { endpoint, pid } = server;
    const client = line.dial(server);
    client.socket.write('x');
    await client.read(1);
    await server.kill();
    await server.kill();
    expect(await client.closed).toEqual(['connect', 'data', 'end', 'close']);
    expect(await line.dial(server).closed).toEqual(['ECONNREFUSED', 'close']);
    await server.restart();
    const later = line.dial(server);
    later.socket.write('y');
    expect(await later.read(1)).toBe('y');
    expect(server.endpoint).toEqual(endpoint);
    expect(server.pid).not.toBe(pid);
  });

  test('restart() kills a process that runs', async () => {
    await using server = await line.startProcess();
    const client = line.dial(server);
    client.socket.write('x');
    await client.read(1);
    await server.restart();
    expect((await client.closed).at(-1)).toBe('close');
  });

  test('while stopped it takes dials and bytes and answers none; cont() lets it answer', async () => {
    await using server = await line.startProcess();
    const client = line.dial(server);
    client.socket.write('a');
    await client.read(1);
    await server.stop();
    const later = line.dial(server);
    await once(later.socket, 'connect');
    await new Promise((resolve) => client.socket.write('b', resolve));
    await turns(200);
    expect([client.chunks.join(''), later.events]).toEqual(['a', line.isSecure ? [] : ['connect']]);
    await server.cont();
    expect(await client.read(2)).toBe('ab');
  });

  test('it can be stopped twice and killed while it is stopped', async () => {
    await using server = await line.startProcess();
    await server.stop();
    await server.stop();
    await server.kill();
    await server.restart();
    const client = line.dial(server);
    client.socket.write('x');
    expect(await client.read(1)).toBe('x');
  });

  test.each(['running', 'stopped', 'killed'] as const)(
    'close() leaves nothing behind (%s before)',
    async (state) => {
      const before = handles();
      const server = await line.startProcess();
      if (state === 'stopped') await server.stop();
      if (state === 'killed') await server.kill();
      expect(server.close()).toBe(server.close());
      await server.close();
      expect(handles()).toEqual(before);
      expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
      if (line.isOnPath) expect(existsSync(server.endpoint.path ?? '')).toBe(false);
      await expect(server.restart()).rejects.toThrow(ClosedError);
    },
  );
});

test('holds its port by a connection while it is killed', async () => {
  const before = handles();
  await using server = await startServerProcess();
  await server.kill();
  await turns(2);
  expect(handles()).toEqual([...before, 'TCPSocketWrap', 'TCPSocketWrap'].toSorted());
});

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

test('so is a path that is taken, and a killed process leaves its file', async () => {
  const path = socketPath();
  await using server = await startServerProcess({ path });
  await expect(startServerProcess({ path })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await server.kill();
  expect(existsSync(path)).toBe(process.platform !== 'win32');
  expect(() => server.port).toThrow(`the server listens on the path ${path}`);
});

test.each([true, false])(
  'a restarted process resumes sessions if it has the keys for it (%s)',
  async (has) => {
    const { ca, localhost } = await certificates();
    const tls = { ...localhost, ...(has && { ticketKeys: randomBytes(48) }) };
    await using server = await startServerProcess({ tls });
    const first = dial(server, { ca }).socket as TLSSocket;
    const [session]: Buffer[] = await once(first, 'session');
    await server.restart();
    const second = dial(server, { ca, session }).socket as TLSSocket;
    await once(second, 'secureConnect');
    expect(second.isSessionReused()).toBe(has);
  },
);

test('what Node.js does not accept as options of TLS is its error, at the call', () => {
  expect(() => startServerProcess({ tls: { minVersion: Object('TLSv7') } })).toThrow(
    expect.objectContaining({ code: 'ERR_TLS_INVALID_PROTOCOL_VERSION' }),
  );
});

test.each([
  { port: -1 },
  { host: 7 },
  { path: '' },
  { path: 'x', port: 1 },
  { script: 'reset' },
  { tls: true },
  { tls: { SNICallback: () => {} } },
  { backlog: 1 },
])('the options %o are refused at the call', (options) => {
  expect(() => startServerProcess(Object(options))).toThrow(OptionError);
});
