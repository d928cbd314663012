import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, pipeline, Writable } from 'node:stream';
import { describe, expect } from 'vitest';
import { halfOpen, stall } from '../../../src/testing/index.js';
import { it, nextTurn, until } from '../../support/fixtures.js';
import { outcome, SocketProbe } from '../../support/socket-probe.js';

describe('the ways to end a life', () => {
  it('destroySoon() that a drop interrupts does not destroy a later life', async ({ server }) => {
    server.script = () => stall();
    const probe = new SocketProbe({ allowHalfOpen: true }, true);
    await probe.dial(server);
    probe.socket.write(Buffer.alloc(8_000_000));
    probe.socket.destroySoon();
    server.dropAll('reset');
    await probe.closed();
    server.script = () => halfOpen();
    await probe.dial(server);
    const second = await server.accept(2);
    const finished = outcome((done) => probe.socket.once('finish', done));
    probe.socket.end('still here');
    await finished;
    await second.until('still here');
    await nextTurn();
    expect(probe.socket.destroyed).toBe(false);
    probe.socket.destroy();
    await probe.closed();
  });

  it('destroySoon() flushes and closes', async ({ server }) => {
    const probe = new SocketProbe({}, true);
    await probe.dial(server);
    probe.socket.write('flushed');
    probe.socket.destroySoon();
    await (await server.accept(1)).until('flushed');
    expect((await probe.closed()).endedBy).toBe('local');
  });

  it('end() and resetAndDestroy() in one turn close exactly once', async ({ server }) => {
    const probe = new SocketProbe({}, true);
    let closes = 0;
    probe.socket.on('close', () => (closes += 1));
    await probe.dial(server);
    probe.socket.end();
    probe.socket.resetAndDestroy();
    await probe.closed();
    await nextTurn();
    expect(closes).toBe(1);
    await probe.dial(server);
    probe.socket.resetAndDestroy();
    await probe.closed();
    expect((await server.accept(2)).open || (await server.accept(2)).error?.code).toBe('ECONNRESET');
  });

  it.skipIf(process.platform === 'win32')(
    'resetAndDestroy() destroys where it cannot reset',
    async ({ server: _server }) => {
      const folder = await mkdtemp(join(tmpdir(), 'connman-'));
      const path = join(folder, 'socket');
      const listener = createServer((socket) => socket.on('error', () => undefined)).listen(path);
      await once(listener, 'listening');
      const probe = new SocketProbe({}, true);
      for (let life = 1; life <= 3; life += 1) {
        await probe.dial({ path });
        probe.socket.resetAndDestroy();
        expect((await probe.closed()).error).toBeUndefined();
      }
      expect(probe.lives).toBe(3);
      listener.close();
      await rm(folder, { recursive: true });
    },
  );

  it('pipe(), pipeline() and for await end with their life, and take nothing of the next', async ({
    server,
  }) => {
    const probe = new SocketProbe();
    await probe.dial(server);
    const piped: string[] = [];
    const target = new PassThrough().on('data', (chunk: Buffer) => piped.push(chunk.toString()));
    const over = outcome((done) => pipeline(probe.socket, target, done));
    (await server.accept(1)).write('first');
    await until(() => piped.length === 1);
    server.dropAll('reset');
    await probe.closed();
    expect(await over).toMatchObject({ code: 'ECONNRESET' });
    expect(target.destroyed).toBe(true);

    await probe.dial(server);
    const iterated: string[] = [];
    const iteration = (async () => {
      for await (const chunk of probe.socket) iterated.push(String(chunk));
    })();
    (await server.accept(2)).write('second');
    await until(() => iterated.length === 1);
    server.dropAll('end');
    await probe.closed();
    await iteration;

    await probe.dial(server);
    (await server.accept(3)).write('third');
    const [chunk] = (await once(probe.socket, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('third');
    expect([piped, iterated]).toEqual([['first'], ['second']]);
    probe.socket.destroy();
    await probe.closed();
  });

  it('pipe() ends with its life, and a target that is full holds nobody back in the next', async ({
    server,
  }) => {
    const probe = new SocketProbe();
    const piped: string[][] = [];
    for (let life = 1; life <= 4; life += 1) {
      await probe.dial(server);
      const heard: string[] = [];
      piped.push(heard);
      const target = new Writable({
        highWaterMark: 1,
        write: (chunk: Buffer, _, done) => {
          heard.push(chunk.toString());
          // In the first life it never takes more, in the others it does after a while.
          if (life > 1) setImmediate(done);
        },
      });
      probe.socket.pipe(target);
      (await server.accept(life)).write(`life ${life}`);
      await until(() => heard.length === 1);
      if (life > 1) {
        (await server.accept(life)).write('more');
        await until(() => heard.length === 2);
      }
      server.dropAll('reset');
      await probe.closed();
      expect(target.listenerCount('drain')).toBe(0);
    }
    expect(piped).toEqual([['life 1'], ['life 2', 'more'], ['life 3', 'more'], ['life 4', 'more']]);
  });

  it('keeps its own listeners, whatever is removed', async ({ server }) => {
    const probe = new SocketProbe({}, true);
    await probe.dial(server);
    for (const name of ['connect', 'data', 'end', 'error', 'close']) {
      for (const listener of probe.socket.listeners(name)) probe.socket.off(name, listener as () => void);
    }
    probe.socket.on('removeListener', () => undefined);
    // oxlint-disable-next-line no-restricted-properties
    probe.socket.removeAllListeners('data').removeAllListeners();
    (await server.accept(1)).write('heard');
    await until(() => probe.input[0] === 'heard');
    server.dropAll('reset');
    await probe.closed();
    await probe.dial(server);
    expect(probe.lives).toBe(2);
    expect(probe.socket.listenerCount('close')).toBe(1);
    probe.socket.destroy();
    await probe.closed();
  });

  it('is patched as any socket is, until the next dial', async ({ server }) => {
    const probe = new SocketProbe({}, true);
    const written: unknown[] = [];
    for (let life = 1; life <= 3; life += 1) {
      await probe.dial(server);
      const original = probe.socket.write;
      probe.socket.write = function patched(this: Socket, ...args: unknown[]) {
        written.push(args[0]);
        return Reflect.apply(original, this, args) as boolean;
      } as Socket['write'];
      probe.socket.write(`life ${life}`);
      await until(() => probe.input.at(-1) === `life ${life}`);
      server.dropAll(life === 2 ? 'end' : 'reset');
      await probe.closed();
      expect(probe.socket.write('down')).toBe(false);
    }
    expect(written).toEqual(['life 1', 'life 2', 'life 3']);
  });

  it('does not dial when the program calls connect()', async ({ server }) => {
    const probe = new SocketProbe({}, true);
    probe.socket.connect(server.port, server.host);
    await probe.dial(server);
    probe.socket.connect(server.port, server.host, () => expect.unreachable());
    probe.socket.destroy();
    await probe.closed();
    probe.socket.connect({ port: server.port });
    await nextTurn();
    expect(server.accepted).toBe(1);
  });
});
