import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect } from 'vitest';
import { it as plainIt } from './etcd-follower.js';

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

function keyValue(key: string, value: string): { key: string; value: string } {
  return { key: Buffer.from(key).toString('base64'), value: Buffer.from(value).toString('base64') };
}

/** Character by character, each when the one before is gone. */
function sendInPieces(response: ServerResponse, text: string): void {
  if (text !== '')
    response.write(text.slice(0, 1), () => setImmediate(sendInPieces, response, text.slice(1)));
}

describe('etcd.ts, with an etcd that', () => {
  it('is silent: asks anew after a while', async ({ follow, pretend }) => {
    let ranges = 0;
    const url = await pretend(({ url: path }, response) => {
      if (path === '/v3/watch') return;
      const kvs = [keyValue('/cache/a', `a.example:${(ranges += 1)}`)];
      response.end(JSON.stringify({ header: { revision: '7' }, kvs }));
    });
    // Long enough for an answer on a busy machine: as long as this, it waits for one.
    const { next } = follow(url, 2_000);
    for (const count of [1, 2]) expect(await next()).toEqual([`a.example:${count}`]);
  });

  it('does not answer at all: throws after a while', async ({ follow, pretend }) => {
    const url = await pretend(() => {});
    await expect(follow(url, 50).next()).rejects.toThrow('etcd has not answered in 50 ms');
  });

  it('refuses: says why', async ({ follow, pretend }) => {
    const url = await pretend((_, response) => response.writeHead(503).end('{"error":"no leader"}'));
    await expect(follow(url).next()).rejects.toThrow('etcd: 503 {"error":"no leader"}');
  });

  const revision = '9007199254740993';
  const watches: [name: string, text: string, said: string][] = [
    ['cancels the watch', '{"result":{"canceled":true,"cancel_reason":"gone"}}\n', 'etcd: gone'],
    ['fails in the watch', '{"error":{"message":"stream broken"}}\n', 'etcd: stream broken'],
    ['ends the watch', '{"result":{"created":true}}\n', 'etcd has ended the watch'],
    ['talks rubbish', '<html>\n', 'JSON'],
  ];
  it.for(watches)('%s: throws', async ([, text, said], { follow, pretend }) => {
    const url = await pretend(({ url: path }, response) => {
      response.end(path === '/v3/watch' ? text : JSON.stringify({ header: { revision } }));
    });
    const { next } = follow(url);
    expect(await next()).toEqual([]);
    await expect(next()).rejects.toThrow(said);
  });

  it('sends a message in pieces, and counts far: is understood', async ({ follow, pretend }) => {
    const asked: string[] = [];
    const event = JSON.stringify({ result: { events: [{ kv: keyValue('/cache/ä', 'a.example:1') }] } });
    const url = await pretend((request, response) => {
      if (request.url === '/v3/watch') {
        request.setEncoding('utf8').on('data', (text: string) => asked.push(text));
        sendInPieces(response, `${event}\n`);
      } else response.end(JSON.stringify({ header: { revision } }));
    });
    const { next } = follow(url);
    await next();
    expect(await next()).toEqual(['a.example:1']);
    expect(JSON.parse(asked.join(''))).toMatchObject({
      create_request: { start_revision: '9007199254740994' },
    });
  });

  it('has more to say: is left in peace when nobody listens any more', async ({ follow, pretend }) => {
    const event = JSON.stringify({ result: { events: [{ kv: keyValue('/cache/a', 'a.example:1') }] } });
    let watch: ServerResponse | undefined;
    const url = await pretend((request, response) => {
      if (request.url === '/v3/watch') (watch = response).write(`${event}\n`);
      else response.end(JSON.stringify({ header: { revision } }));
    });
    const { next, leave } = follow(url);
    await next();
    await next();
    if (!watch) throw new Error('there was no watch');
    await Promise.all([once(watch, 'close'), leave()]);
  });
});
