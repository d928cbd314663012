import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { OptionError } from '../../../src/primitives/errors.js';
import { type FaultServer, startFaultServer, stall } from '../../../src/testing/index.js';
import { dial, expectNoHandles, socketPath, test, turns } from '../client.js';

expectNoHandles();

const hasFiles = process.platform !== 'win32';

/** The first event of a dial that fails: its error code. */
async function failure(server: FaultServer): Promise<string | undefined> {
  const [first] = await dial(server).closed;
  return first;
}

async function expectEcho(server: FaultServer): Promise<void> {
  const client = dial(server);
  client.socket.write('x');
  expect(await client.read(1)).toBe('x');
}

test('its endpoint is the path, and it has no host and no port', async () => {
  const path = socketPath();
  await using server = await startFaultServer({ path });
  expect(server.endpoint).toEqual({ path });
  expect(() => server.port).toThrow(`the server listens on the path ${path}`);
  expect(() => server.host).toThrow('it has no host and no port');
  await using other = await startFaultServer();
  expect(other.endpoint).toEqual({ host: '127.0.0.1', port: other.port });
});

test.runIf(hasFiles)('refuse() leaves a stale file or none, and changes one into the other', async () => {
  const path = socketPath();
  await using server = await startFaultServer({ path });
  const old = dial(server);
  await server.accept(1);
  const seen: unknown[] = [];
  for (const left of ['stale', 'missing', 'missing', 'stale', 'stale'] as const) {
    await server.refuse(left);
    seen.push([left, existsSync(path), await failure(server)]);
  }
  expect(seen).toEqual([
    ['stale', true, 'ECONNREFUSED'],
    ['missing', false, 'ENOENT'],
    ['missing', false, 'ENOENT'],
    ['stale', true, 'ECONNREFUSED'],
    ['stale', true, 'ECONNREFUSED'],
  ]);
  old.socket.write('x');
  expect(await old.read(1)).toBe('x');
});

test.each([undefined, 'stale', 'missing'] as const)('listen() works again after refuse(%j)', async (left) => {
  await using server = await startFaultServer({ path: socketPath() });
  await server.refuse(left);
  await server.listen();
  await server.listen();
  await expectEcho(server);
  expect(server.accepted).toBe(1);
});

test.runIf(hasFiles)('at no moment a dial is answered, or misses the file', async () => {
  await using server = await startFaultServer({ path: socketPath() });
  const outcomes: Promise<string | undefined>[] = [];
  const refused = server.refuse().then(() => (outcomes.length = 0));
  for (let turn = 0; turn < 20; turn++) {
    outcomes.push(failure(server));
    await turns(1);
  }
  await refused;
  for (let turn = 0; turn < 20; turn++) {
    void server.refuse('stale');
    outcomes.push(failure(server));
    await turns(1);
  }
  expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['ECONNREFUSED']));
});

test.runIf(hasFiles).each(['listening', 'stale', 'missing'] as const)(
  'close() removes the file (%s before), and later calls do not bring it back',
  async (before) => {
    const path = socketPath();
    const server = await startFaultServer({ path });
    if (before !== 'listening') await server.refuse(before);
    await server.close();
    await server.refuse();
    expect(existsSync(path)).toBe(false);
    expect(await failure(server)).toBe('ENOENT');
  },
);

test('a file that it did not create, stale or not, is an error of Node.js', async () => {
  const path = socketPath();
  await using first = await startFaultServer({ path });
  await expect(startFaultServer({ path })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  if (!hasFiles) return;
  await first.refuse('stale');
  await expect(startFaultServer({ path })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await first.refuse('missing');
  await using second = await startFaultServer({ path });
  await expect(first.refuse('stale')).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await expectEcho(second);
});

test('a reset of bytes that were not read is seen as one', async () => {
  await using server = await startFaultServer({ path: socketPath(), script: () => stall() });
  const client = dial(server);
  const connection = await server.accept(1);
  await new Promise((resolve) => client.socket.write('abc', resolve));
  connection.reset();
  expect(await client.closed).toEqual(['connect', 'ECONNRESET', 'close']);
});

test.runIf(process.platform === 'linux')('a name in the abstract namespace has no file', async () => {
  const path = `\0${socketPath()}`;
  await using server = await startFaultServer({ path });
  await expectEcho(server);
  await server.refuse();
  expect(await failure(server)).toBe('ECONNREFUSED');
  await server.listen();
  await expectEcho(server);
});

test.each([
  { path: '' },
  { path: 7 },
  { path: 'x'.repeat(300) },
  { path: 'x', port: 0 },
  { path: 'x', host: '127.0.0.1' },
])('the options %o are refused at the call', (options) => {
  expect(() => startFaultServer(Object(options))).toThrow(OptionError);
});

test('so is a wrong argument of refuse()', async () => {
  await using server = await startFaultServer({ path: socketPath() });
  expect(() => server.refuse(Object('gone'))).toThrow(OptionError);
});
