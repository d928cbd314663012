import { execFile } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { get, request, type IncomingMessage, type RequestOptions } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect } from 'vitest';
import { ConnectionManager } from '../../src/index.js';
import { startMonitor, type Monitor, type MonitorOptions } from '../../src/monitor/index.js';
import type { Message } from '../../src/monitor/messages.js';
import { startFaultServer } from '../../src/testing/index.js';
import { it as plainIt, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

interface Fixtures {
  /** Starts a page that is closed after the test. */
  start: (options?: MonitorOptions) => Promise<Monitor>;
}

const it = plainIt.extend<Fixtures>({
  start: async ({ manager }, use) => {
    const monitors: Monitor[] = [];
    await use(async (options) => {
      const monitor = await startMonitor({ manager, ...options });
      monitors.push(monitor);
      return monitor;
    });
    await Promise.all(monitors.map((monitor) => monitor.close()));
  },
});

/** What is answered to a request with these headers. */
async function ask(options: RequestOptions): Promise<IncomingMessage & { readonly body: string }> {
  const sent = request({ agent: false, ...options }).end();
  const [response]: IncomingMessage[] = await once(sent, 'response');
  const body = await text(response as IncomingMessage);
  return Object.assign(response as IncomingMessage, { body });
}

function portOf({ url = '' }: Monitor): number {
  return Number(new URL(url).port);
}

/** The first of the events, and how to stop listening. */
async function look(
  options: RequestOptions,
): Promise<{ first: Message; next: () => Promise<Message>; stop: () => void }> {
  const sent = get({ agent: false, path: '/events', ...options });
  const [response]: IncomingMessage[] = await once(sent, 'response');
  let received = '';
  response?.on('data', (chunk: Buffer) => (received += chunk.toString()));
  const next = async (): Promise<Message> => {
    await until(() => received.includes('\n\n'));
    const [event = ''] = received.split('\n\n', 1);
    received = received.slice(event.length + 2);
    return JSON.parse(event.replace(/^data: /, '')) as Message;
  };
  return { first: await next(), next, stop: () => sent.destroy() };
}

describe('the page', () => {
  it('is one file that may load and run nothing else', async ({ start }) => {
    const monitor = await start();
    const { statusCode, headers, body } = await ask({ port: portOf(monitor) });
    expect(statusCode).toBe(200);
    expect(body).toMatch(/^<!doctype html>/);
    expect(body.length).toBeLessThan(30_000);
    expect(body).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'/,
    );
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
  });

  it.for<[RequestOptions, number]>([
    [{ headers: { host: 'evil.test' } }, 421],
    [{ headers: ['Host', 'localhost', 'Host', 'evil.test'], setHost: false }, 421],
    [{ method: 'POST' }, 405],
    [{ method: 'HEAD' }, 200],
    [{ headers: { origin: 'http://evil.test' }, path: '/events' }, 403],
    [{ headers: { 'sec-fetch-site': 'cross-site' }, path: '/text' }, 403],
    [{ path: '/../package.json' }, 404],
    [{ path: '/events', method: 'HEAD' }, 200],
  ])('answers %o with %i', async ([options, expected], { start }) => {
    const monitor = await start();
    expect((await ask({ port: portOf(monitor), ...options })).statusCode).toBe(expected);
  });

  it('is served where it is told to, and says so', async ({ start }) => {
    const monitor = await start({ host: '127.0.0.2' });
    expect(monitor.url).toMatch(/^http:\/\/127\.0\.0\.2:\d+\/$/);
    await expect(start({ port: portOf(monitor), host: '127.0.0.2' })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await expect(startMonitor({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'CONNMAN_OPTION' });
  });

  it('needs its token, if it has one', async ({ start }) => {
    const token = 'a-secret-of-20-chars';
    const port = portOf(await start({ host: '0.0.0.0', token }));
    expect((await ask({ port })).statusCode).toBe(401);
    const { statusCode, headers } = await ask({ port, path: `/?token=${token}` });
    expect(statusCode).toBe(303);
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect((await ask({ port, headers: { cookie: cookie.split(';', 1)[0] } })).statusCode).toBe(200);
  });
});

describe('a Unix socket', () => {
  it.skipIf(process.platform === 'win32')(
    'is for nobody else, nor is the folder that is made for it',
    async ({ start }) => {
      const folder = mkdtempSync(join(tmpdir(), 'connman-monitor-'));
      const path = join(folder, 'more', 'private', 'page.sock');
      const monitor = await start({ path });
      expect(monitor).toMatchObject({ path, url: undefined });
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
      expect((await ask({ socketPath: path })).body).toMatch(/^<!doctype html>/);
      expect((await ask({ socketPath: path, headers: { host: 'evil.test' } })).statusCode).toBe(421);
      await monitor.close();
      expect(() => statSync(join(folder, 'more'))).toThrow('ENOENT');
      rmSync(folder, { recursive: true });
    },
  );

  it.skipIf(process.platform === 'win32')(
    'is private in a folder that others may read, whatever the umask',
    async ({ start, socketPath }) => {
      const folder = `${socketPath}.d`;
      mkdirSync(folder, { mode: 0o755 });
      const before = process.umask(0);
      try {
        await start({ path: join(folder, 'page.sock') });
      } finally {
        process.umask(before);
      }
      expect(statSync(join(folder, 'page.sock')).mode & 0o777).toBe(0o600);
      rmSync(folder, { recursive: true });
    },
  );

  it.skipIf(process.platform === 'win32')(
    'takes the place of one that a killed process has left, and of no other',
    async ({ start, socketPath }) => {
      const script = `require('node:net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`;
      await once(execFile(process.execPath, ['-e', script]), 'close');
      await start({ path: socketPath });
      await expect(start({ path: socketPath })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    },
  );
});

describe('who looks', () => {
  it('sees what was there before, what comes, and nothing of other managers', async ({
    manager,
    server,
    start,
  }) => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as { port: number };
    closed.close();
    await once(closed, 'close');
    const other = new ConnectionManager();
    const before = new Recorder();
    manager.connect(port, '127.0.0.1', before);
    await before.until('retry');
    const monitor = await start();
    const later = new Recorder();
    manager.connect(server.port, server.host, later);
    const foreign = other.connect(server.port, server.host, new Recorder());
    await Promise.all([later.until('connect'), foreign.ready()]);
    const { first, stop } = await look({ port: portOf(monitor) });
    stop();
    await other.disconnectAll();
    expect(first.headline).toMatch(
      new RegExp(`^127\\.0\\.0\\.1:${port} is down for .+: ECONNREFUSED; next dial in`),
    );
    expect(first.rows).toMatchObject([
      { name: `127.0.0.1:${port}`, kind: 'down', reason: 'ECONNREFUSED', size: 1, ready: 0 },
      { name: `127.0.0.1:${server.port}`, kind: 'up', size: 1, ready: 1 },
    ]);
  });

  it('is told what changes, and only that', async ({ manager, server, start }) => {
    const monitor = await start();
    const recorder = new Recorder();
    const connection = manager.connect(server.port, server.host, recorder);
    await connection.ready();
    const { first, next, stop } = await look({ port: portOf(monitor) });
    expect(first).toMatchObject({ isFirst: true, tone: 'well', rows: [{ kind: 'up' }] });
    connection.reset(Object.assign(new Error('no'), { code: 'EBAD' }));
    await recorder.until('reconnect');
    const second = await next();
    expect(second).toMatchObject({ isFirst: false, causes: [['EBAD', 1]], rows: [] });
    expect(second.log.map((line) => line.text)).toEqual([
      'lost: requested, EBAD',
      'all connections are ready',
    ]);
    expect(second.changes.map(([, , , state]) => state).slice(-2)).toEqual([3, 1]);
    stop();
  });

  it('is what leases are followed for, and nothing else is', async ({ start }) => {
    const monitor = await start();
    const leases = channel('connman:pool:acquire');
    const { stop } = await look({ port: portOf(monitor) });
    expect(leases.hasSubscribers).toBe(true);
    stop();
    await until(() => !leases.hasSubscribers);
    expect(channel('connman:connection:reset').hasSubscribers).toBe(true);
    await monitor.close();
    expect(channel('connman:connection:reset').hasSubscribers).toBe(false);
  });
});

describe('the text', () => {
  it('knows of leases that are not given back, also where nobody looks', async ({
    manager,
    server,
    start,
  }) => {
    await using silent = await startFaultServer();
    const pool = manager.createPool('p', () => new Recorder());
    for (const { port, host } of [server, silent]) pool.addConnection(port, host);
    await pool.ready(2);
    const held = await pool.acquire();
    const port = [server.port, silent.port].find((each) => each !== held.connection.endpoint.port);
    const monitor = await start();
    const leases = channel('connman:pool:acquire');
    const asked = ask({ port: portOf(monitor), path: '/text' });
    await until(() => leases.hasSubscribers);
    for (let count = 0; count < 3; count += 1) await pool.use(() => undefined);
    const { body } = await asked;
    expect(body).toMatch(/^\S+ is frozen for [\d.]+ s: 1 lease, none given back\.$/m);
    expect(body).toContain(`well (1): 127.0.0.1:${port}\n`);
    await until(() => !leases.hasSubscribers);
    held.release();
  });

  it('is of no one who has gone, nor of a page that is closed', async ({ start }) => {
    const monitor = await start();
    const leases = channel('connman:pool:acquire');
    for (const isClosed of [false, true]) {
      const sent = request({ agent: false, port: portOf(monitor), path: '/text' }).end();
      sent.on('error', () => undefined);
      await until(() => leases.hasSubscribers);
      if (isClosed) await monitor.close();
      else sent.destroy();
      await until(() => !leases.hasSubscribers);
    }
  });
});

describe('a program', () => {
  it('is not kept alive by its page', async () => {
    const library = JSON.stringify(join(__dirname, '..', '..', 'dist', 'monitor'));
    const script = `require(${library}).startMonitor().then(({ url }) => console.log(url))`;
    const child = execFile(process.execPath, ['-e', script]);
    const output = await text(child.stdout as NodeJS.ReadableStream);
    expect(output).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n$/);
  });
});
