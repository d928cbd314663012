import { describe, expect, onTestFinished } from 'vitest';
import { nextTurn } from '../support/fixtures.js';
import { it } from './etcd-follower.js';
import { open, startEtcd } from './etcd-server.js';

describe('etcd.ts, with a real etcd', () => {
  it('gives what there is, then what is added, changed and removed', async ({ skip, follow }) => {
    await using server = await startEtcd({ skip });
    const { url, keys } = open(server);
    await keys.put('/cache/a', '10.0.0.1:11211');
    const { next } = follow(url);
    expect(await next()).toEqual(['10.0.0.1:11211']);
    await keys.put('/cache/b', 'cache-b.example:11212');
    expect(await next()).toEqual(['10.0.0.1:11211', 'cache-b.example:11212']);
    await keys.put('/cache/b', '[::1]:11213');
    expect(await next()).toEqual(['10.0.0.1:11211', '::1:11213']);
    await keys.remove('/cache/a');
    expect(await next()).toEqual(['::1:11213']);
    await keys.remove('/cache/b');
    expect(await next()).toEqual([]);
  });

  it('misses nothing that happens while nobody asks', async ({ skip, follow }) => {
    await using server = await startEtcd({ skip });
    const { url, keys } = open(server);
    const { next } = follow(url);
    expect(await next()).toEqual([]);
    await keys.put('/cache/a', 'a.example:1');
    await keys.put('/cache/b', 'b.example:2');
    await keys.remove('/cache/a');
    let said = await next();
    while (String(said) !== 'b.example:2') said = await next();
  });

  it('does not take keys before and after the prefix for its own', async ({ skip, follow }) => {
    await using server = await startEtcd({ skip });
    const { url, keys } = open(server);
    for (const key of ['/cache', '/cache.', '/cache0', '/cachf/a']) await keys.put(key, 'wrong.example:1');
    const { next } = follow(url);
    expect(await next()).toEqual([]);
    for (const key of ['/cache', '/cache.', '/cache0', '/cachf/a']) await keys.put(key, 'wrong.example:2');
    await keys.put('/cache/a', 'right.example:1');
    expect(await next()).toEqual(['right.example:1']);
  });

  it('leaves out what is no host and port, and says so', async ({ skip, follow }) => {
    await using server = await startEtcd({ skip });
    const { url, keys } = open(server);
    const warnings: string[] = [];
    const onWarning = ({ message }: Error): number => warnings.push(message);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const wrong = [
      '',
      'a',
      ':1',
      'a:',
      'a:0',
      'a:65536',
      'a:1:2',
      'a b:1',
      'http://a:1',
      '[::1]',
      '::1:1',
      'a:1\n',
    ];
    for (const [index, value] of wrong.entries()) await keys.put(`/cache/wrong-${index}`, value);
    await keys.put('/cache/right', 'a:65535');
    await keys.put('/cache/later', 'b:1');
    const { next } = follow(url);
    expect(await next()).toEqual(['a:65535', 'b:1']);
    await keys.put('/cache/later', 'rubbish');
    expect(await next()).toEqual(['a:65535']);
    // A warning is told of in a turn of its own.
    await nextTurn();
    const places = [...wrong.keys()].map((index) => `wrong-${index}`);
    const expected = [...places, 'later'].map((key) => `etcd: no host:port at /cache/${key}`);
    expect(warnings.toSorted()).toEqual(expected.toSorted());
  });

  it('asks anew when etcd has forgotten what came next', async ({ skip, follow }) => {
    await using server = await startEtcd({ skip });
    const { url, keys } = open(server);
    await keys.put('/cache/a', 'a.example:1');
    const { next } = follow(url);
    expect(await next()).toEqual(['a.example:1']);
    // Nobody watches yet: the watch begins with the next call, at a revision that is gone by then.
    await keys.remove('/cache/a');
    await keys.put('/cache/b', 'b.example:2');
    await keys.compact(await keys.put('/cache/c', 'c.example:3'));
    expect(await next()).toEqual(['b.example:2', 'c.example:3']);
    await keys.remove('/cache/b');
    expect(await next()).toEqual(['c.example:3']);
  });

  it('throws when etcd is killed, and begins anew when it is back', async ({ skip, follow }) => {
    await using server = await startEtcd({ skip });
    const { url, keys } = open(server);
    await keys.put('/cache/a', 'a.example:1');
    const { next } = follow(url);
    await next();
    const cut = next().catch((error: unknown) => error);
    await keys.put('/cache/b', 'b.example:2');
    expect(await cut).toEqual(['a.example:1', 'b.example:2']);
    const lost = expect(next()).rejects.toThrow();
    await server.kill();
    await lost;
    await expect(follow(url).next()).rejects.toThrow('fetch failed');
    await server.start();
    const again = follow(url);
    expect(await again.next()).toEqual(['a.example:1', 'b.example:2']);
    await keys.remove('/cache/a');
    expect(await again.next()).toEqual(['b.example:2']);
  });

  it('loses a server whose lease has run out', async ({ skip, follow }) => {
    await using server = await startEtcd({ skip });
    const { url, keys } = open(server);
    await keys.put('/cache/a', 'a.example:1');
    await keys.put('/cache/b', 'b.example:2', await keys.grant(1));
    const { next } = follow(url);
    expect(await next()).toEqual(['a.example:1', 'b.example:2']);
    expect(await next()).toEqual(['a.example:1']);
  });

  it('ends at once when it is told to', async ({ skip, follow }) => {
    await using server = await startEtcd({ skip });
    const { url, keys } = open(server);
    await keys.put('/cache/a', 'a.example:1');
    const { next, stop } = follow(url);
    await next();
    const ended = expect(next()).rejects.toThrow('no more');
    stop.abort(new Error('no more'));
    await ended;
  });
});
