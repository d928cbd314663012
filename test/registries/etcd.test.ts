import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect } from 'vitest';
import { etcd, type EtcdOptions } from '../../src/registries/index.js';
import { startFaultServer } from '../../src/testing/index.js';
import { until } from '../support/fixtures.js';
import { it as plainIt } from '../support/heard-source.js';
import { expectOptionErrors } from '../support/refusal.js';
import { open, startEtcd } from './etcd-server.js';

/** Something that listens where an etcd should, until the test ends; returns its URL. */
type Pretend = (listener: RequestListener) => Promise<string>;

const it = plainIt.extend<{ pretend: Pretend }>({
  // oxlint-disable-next-line no-empty-pattern
  pretend: async ({}, use) => {
    const servers: Server[] = [];
    await use(async (listener) => {
      const server = createServer(listener).listen(0, '127.0.0.1');
      servers.push(server);
      await once(server, 'listening');
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    for (const server of servers) server.close().closeAllConnections();
  },
});

const prefix = '/cache/';

function keyValue(key: string, value: string): { key: string; value: string } {
  return { key: Buffer.from(key).toString('base64'), value: Buffer.from(value).toString('base64') };
}

/** The answer to the question for all keys. */
function range(...values: readonly string[]): string {
  const kvs = values.map((value, index) => keyValue(`/cache/${index}`, value));
  return JSON.stringify({ header: { revision: '9007199254740993' }, kvs });
}

/** The message of a watch that a key has a value now. */
function event(key: string, value: string): string {
  return `${JSON.stringify({ result: { events: [{ kv: keyValue(key, value) }] } })}\n`;
}

/** Character by character, each when the one before is gone. */
function sendInPieces(response: ServerResponse, text: string): void {
  if (text !== '')
    response.write(text.slice(0, 1), () => setImmediate(sendInPieces, response, text.slice(1)));
}

describe('etcd(), with a real etcd', () => {
  it('follows what is added, changed, removed and forgotten, and what a lease ends', async ({
    skip,
    hear,
  }) => {
    await using server = await startEtcd({ skip });
    const { url, keys } = open(server);
    for (const key of ['/cache', '/cache.', '/cache0', '/cachf/a']) await keys.put(key, 'wrong.example:1');
    await keys.put('/cache/a', '10.0.0.1:1');
    const heard = hear(etcd({ prefix, servers: [url] }));
    const next = async (count: number): Promise<string | undefined> => {
      await until(() => heard.snapshots.length === count);
      return heard.snapshots.at(-1);
    };
    expect(await next(1)).toBe('10.0.0.1');
    await keys.put('/cache/b', '{"host":"b.example","port":2,"weight":3,"zone":"z","path":"/run/x"}');
    expect(await next(2)).toBe('10.0.0.1 b.example');
    expect(heard.endpoints[1]).toEqual({ host: 'b.example', port: 2, weight: 3 });
    await keys.put('/cache/b', '{"Op":0,"Addr":"[::1]:3","Metadata":null}');
    expect(await next(3)).toBe('10.0.0.1 ::1');
    await keys.remove('/cache/a');
    expect(await next(4)).toBe('::1');
    await keys.put('/cache/wrong', 'secret');
    await until(() => heard.failures.length === 1);
    expect(heard.failures[0]).toMatch(/^etcd: the value of \/cache\/wrong is no endpoint: snapshot\[0\]: /);
    expect(heard.failures[0]).not.toContain('secret');
    await keys.put('/cache/c', 'c.example:4', await keys.grant(1));
    expect(await next(5)).toBe('::1 c.example');
    expect(await next(6)).toBe('::1');
    await server.kill();
    await until(() => heard.failures.length > 1);
    expect(heard.failures[1]).toMatch(/^etcd: the watch is lost/);
    await server.start();
    await until(() => heard.error !== undefined || heard.confirmed > 0);
  });

  it('logs in, and shows no password where that fails', async ({ skip, hear }) => {
    await using server = await startEtcd({ skip });
    const { url, keys } = open(server);
    await keys.put('/cache/a', 'a.example:1');
    await keys.protect('correct horse');
    const options = { prefix, servers: [url], username: 'root' };
    const heard = hear(etcd({ ...options, password: 'correct horse' }));
    const refused = hear(etcd({ ...options, password: 'battery staple' }));
    await until(() => heard.snapshots.length === 1 && refused.error !== undefined);
    expect(String(refused.error)).toMatch(
      /^DiscoveryError: etcd has no answer for \/cache\/: 400 .*invalid user ID or password/,
    );
    expect(JSON.stringify([refused.error, String(refused.error)])).not.toMatch(/battery|horse/);
  });

  it('a pool follows it, and keeps what it knows while etcd is down', async ({ skip, manager, server }) => {
    await using registry = await startEtcd({ skip });
    await using other = await startFaultServer();
    const { url, keys } = open(registry);
    await keys.put('/cache/a', `127.0.0.1:${server.port}`);
    const pool = manager.createPool('cache', () => ({ onConnect: () => undefined }), {
      discovery: etcd({ prefix, servers: [url] }),
    });
    await pool.ready();
    await registry.kill();
    server.dropAll('reset');
    await pool.ready();
    await registry.start();
    await keys.put('/cache/b', `127.0.0.1:${other.port}`);
    await until(() => pool.readyCount === 2);
    await manager.disconnectAll();
  });
});

describe('etcd(), with an etcd that', () => {
  it('is silent: reads all keys again after a while, or when it is in doubt', async ({ hear, pretend }) => {
    let ranges = 0;
    const url = await pretend(({ url: path }, response) => {
      if (path !== '/v3/watch') response.end(range(`a.example:${(ranges += 1)}`));
    });
    const heard = hear(etcd({ prefix, servers: [url], refresh: 50 }));
    await until(() => heard.snapshots.length > 2);
    const late = hear(etcd({ prefix, servers: [url] }));
    await until(() => late.snapshots.length === 1);
    late.ask('refresh');
    await until(() => late.snapshots.length === 2);
  });

  it('does not answer, or refuses: goes to the next, and throws without one', async ({ hear, pretend }) => {
    const silent = await pretend(() => {});
    const ill = await pretend((_, response) => response.writeHead(503).end('{"error":"no leader"}'));
    const well = await pretend(({ url: path }, response) => {
      if (path !== '/v3/watch') response.end(range('a.example:1'));
    });
    const heard = hear(etcd({ prefix, servers: [silent, ill, well], timeout: 100 }));
    await until(() => heard.snapshots.length === 1);
    expect(heard.reports[0]).toMatchObject({ server: new URL(well).host });
    const alone = hear(etcd({ prefix, servers: [silent], timeout: 50 }));
    const refused = hear(etcd({ prefix, servers: [ill] }));
    await until(() => alone.error !== undefined && refused.error !== undefined);
    expect(String(alone.error)).toContain('etcd has no answer for /cache/: no answer within 50 ms');
    expect(String(refused.error)).toContain('etcd has no answer for /cache/: 503 no leader');
  });

  const watches: readonly (readonly [name: string, text: string, said: string])[] = [
    ['cancels the watch', '{"result":{"canceled":true,"cancel_reason":"gone"}}\n', 'gone'],
    ['fails in the watch', '{"error":{"message":"stream broken"}}\n', 'stream broken'],
    ['ends the watch', '{"result":{"created":true}}\n', 'the watch has ended'],
    ['talks rubbish', '<html>secret\n', 'the answer is no JSON'],
    ['says nothing', 'null\n', 'without a reason'],
    ['has no keys', '{"result":{"events":[{}]}}\n', 'the answer is none of etcd'],
  ];
  it('ends the watch in some way: tells, and reads all keys again', async ({ hear, pretend }) => {
    const follow = async ([, text, said]: (typeof watches)[number]): Promise<void> => {
      let ranges = 0;
      const url = await pretend(({ url: path }, response) => {
        if (path === '/v3/watch') response.end(ranges < 2 ? text : '{"result":{"compact_revision":"5"}}\n');
        else response.end(range(`a.example:${(ranges += 1)}`));
      });
      const heard = hear(etcd({ prefix, servers: [url] }));
      await until(() => heard.failures.length === 1);
      expect(heard.failures).toEqual([`etcd: the watch is lost: ${said}`]);
      // One that has forgotten what came next is asked at once, without a failure.
      await until(() => heard.snapshots.length > 2);
      expect([heard.failures.length, heard.error]).toEqual([1, undefined]);
    };
    await Promise.all(watches.map(follow));
  });

  it.for(['null', '{}', '{"header":{"revision":"a"}}', '{"header":{"revision":"1"},"kvs":[{"key":5}]}'])(
    'answers with something else: says so: %s',
    async (text, { hear, pretend }) => {
      const heard = hear(etcd({ prefix, servers: [await pretend((_, response) => response.end(text))] }));
      await until(() => heard.error !== undefined);
      expect(String(heard.error)).toContain('etcd has no answer for /cache/: the answer is none of etcd');
    },
  );

  it('has always forgotten what came next: is asked once a second', async ({ hear, pretend }) => {
    let ranges = 0;
    const url = await pretend(({ url: path }, response) => {
      if (path === '/v3/watch') response.end('{"result":{"compact_revision":"5"}}\n');
      else response.end(range(`a.example:${(ranges += 1)}`));
    });
    const begin = performance.now();
    const heard = hear(etcd({ prefix, servers: [url] }));
    await until(() => heard.snapshots.length === 2);
    expect(performance.now() - begin).toBeGreaterThan(900);
    expect([ranges, heard.failures]).toEqual([2, []]);
  });

  it('has keys that would spoil a log: they are told without', async ({ hear, pretend }) => {
    const url = await pretend(({ url: path }, response) => {
      const kvs = [keyValue('/cache/\u001b[31m\n', 'secret')];
      if (path !== '/v3/watch') response.end(JSON.stringify({ header: { revision: '1' }, kvs }));
    });
    const heard = hear(etcd({ prefix, servers: [url] }));
    await until(() => heard.failures.length === 1);
    expect(heard.failures[0]).toMatch(/^etcd: the value of \/cache\/ \[31m  is no endpoint: /);
  });

  it('sends a message in pieces, and counts far: is understood', async ({ hear, pretend }) => {
    const asked: string[] = [];
    const url = await pretend((request, response) => {
      if (request.url === '/v3/watch') {
        request.setEncoding('utf8').on('data', (text: string) => asked.push(text));
        sendInPieces(response, event('/cache/ä', 'ä.example:1'));
      } else response.end(range('a.example:1'));
    });
    const heard = hear(etcd({ prefix, servers: [url] }));
    await until(() => heard.snapshots.length === 2);
    expect(heard.snapshots[1]).toBe('a.example ä.example');
    expect(JSON.parse(asked.join(''))).toMatchObject({
      create_request: { start_revision: '9007199254740994' },
    });
  });

  it('has too many: uses the first, and tells', async ({ hear, pretend }) => {
    const url = await pretend(({ url: path }, response) => {
      if (path === '/v3/watch') response.write(event('/cache/c', 'c.example:1'));
      else response.end(range('a.example:1', 'b.example:1').replace('{', '{"more":true,'));
    });
    const heard = hear(etcd({ prefix, servers: [url], maxEndpoints: 2 }));
    await until(() => heard.failures.length === 2);
    expect(heard.snapshots).toEqual(['a.example b.example']);
    expect(heard.failures).toEqual([
      'etcd: only 2 keys are used (maxEndpoints)',
      'etcd: /cache/c is left out (maxEndpoints)',
    ]);
  });

  it('has more to say: is left in peace when nobody listens any more', async ({ hear, pretend }) => {
    const opened: ServerResponse[] = [];
    const url = await pretend((request, response) => {
      if (request.url !== '/v3/watch') return response.end(range('a.example:1'));
      opened.push(response);
      return response.write(event('/cache/b', 'b.example:1'));
    });
    const heard = hear(etcd({ prefix, servers: [url] }));
    await until(() => heard.snapshots.length === 2);
    const closed = once(opened[0] as ServerResponse, 'close');
    heard.end();
    await closed;
  });
});

it('etcd() refuses wrong options', () => {
  expectOptionErrors('options', [undefined, null, 5, { prefix, url: 'x' }], (value) =>
    etcd(value as EtcdOptions),
  );
  const wrong: Readonly<Record<string, readonly unknown[]>> = {
    prefix: [undefined, null, '', 5],
    servers: [null, 'http://a:1', [], Array(33).fill('http://a:1')],
    'servers[0]': [['a:1'], ['ftp://a:1'], ['http://u:p@a:1'], ['http://a:1/x'], [5], ['http://a:1?x=1']],
    tls: [null, true, 5],
    timeout: [null, 0, '5', Infinity],
    refresh: [null, 0, '5', Infinity],
    maxEndpoints: [null, 0, 1.5, 10_001],
  };
  for (const [option, values] of Object.entries(wrong)) {
    const name = option.split('[')[0] ?? '';
    expectOptionErrors(`options.${option}`, values, (value) => etcd({ prefix, [name]: value }));
  }
  expectOptionErrors('options.password', ['x'], (username) => etcd({ prefix, username: username as string }));
});
