import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect } from 'vitest';
import { ClosedError } from '../../../src/index.js';
import { stall } from '../../../src/testing/index.js';
import { it, until } from '../../support/fixtures.js';
import { outcome, SocketProbe } from '../../support/socket-probe.js';

describe('what Node.js forgets between lives', () => {
  it('a persistent listener of "readable" goes on', async ({ server }) => {
    const probe = new SocketProbe();
    let seen = '';
    probe.socket.on('readable', () => {
      for (let chunk: Buffer | null; (chunk = probe.socket.read() as Buffer | null);)
        seen += chunk.toString();
    });
    for (const how of ['end', 'reset', 'end', 'reset'] as const) {
      seen = '';
      await probe.dial(server);
      (await server.accept(probe.lives)).write(`to ${probe.lives}`);
      await until(() => seen === `to ${probe.lives}`);
      server.dropAll(how);
      await probe.closed();
    }
  });

  it('onread goes on with the same buffer, after attempts that failed while it was to read', async ({
    server,
  }) => {
    const buffer = Buffer.alloc(64);
    let seen = '';
    const onread = {
      buffer,
      callback: (length: number, filled: Uint8Array) => {
        expect(filled).toBe(buffer);
        seen += Buffer.from(filled.subarray(0, length)).toString();
        return true;
      },
    };
    const probe = new SocketProbe({ onread });
    for (let life = 1; life <= 3; life += 1) {
      await server.refuse();
      for (let attempt = 0; attempt < 10; attempt += 1) {
        probe.begin(server);
        probe.socket.read(0);
        await probe.closed();
      }
      await server.listen();
      seen = '';
      await probe.dial(server);
      (await server.accept(life)).write(`to ${life}`);
      await until(() => seen === `to ${life}`);
      server.dropAll('end');
      await probe.closed();
    }
    expect(probe.socket.listenerCount('connect')).toBe(1);
  });

  it('30 refused attempts with pause(), resume() and read(0) add no listener, and data flows then', async ({
    server,
  }) => {
    const probe = new SocketProbe({}, true);
    await server.refuse();
    const listeners = probe.socket.listenerCount('connect');
    for (let attempt = 0; attempt < 30; attempt += 1) {
      probe.begin(server);
      probe.socket.pause();
      probe.socket.read(0);
      probe.socket.resume();
      await probe.closed();
      expect(probe.socket.listenerCount('connect')).toBe(listeners);
    }
    await server.listen();
    probe.begin(server);
    probe.socket.read(0);
    await until(() => probe.lives === 1);
    (await server.accept(1)).write('flows');
    await until(() => probe.input[0] === 'flows');
    probe.socket.destroy();
    await probe.closed();
  });

  it('setTimeout() holds in every life, also when set between two', async ({ server }) => {
    const probe = new SocketProbe({}, true);
    probe.socket.setTimeout(20);
    for (let life = 1; life <= 3; life += 1) {
      await probe.dial(server);
      await outcome((done) => probe.socket.once('timeout', done));
      probe.socket.destroy();
      await probe.closed();
    }
    probe.socket.setTimeout(0);
    let fired = false;
    probe.socket.setTimeout(30, () => (fired = true));
    expect(() => probe.socket.setTimeout(-1)).toThrow('timeout: expected milliseconds');
    await probe.dial(server);
    await until(() => fired);
    probe.socket.destroy();
    await probe.closed();
  });

  it('a pause ends with its life', async ({ server }) => {
    const probe = new SocketProbe({}, true);
    for (const how of ['reset', 'reset', 'end'] as const) {
      await probe.dial(server);
      (await server.accept(probe.lives)).write('x');
      await until(() => probe.input.at(-1) === 'x');
      if (how === 'reset') probe.socket.pause();
      server.dropAll(how);
      await probe.closed();
    }
  });

  it('after pipe() and FIN the next data and the next FIN are noticed', async ({ server }) => {
    const probe = new SocketProbe({}, true);
    await probe.dial(server);
    probe.socket.pipe(new PassThrough());
    server.dropAll('end');
    await probe.closed();
    await probe.dial(server);
    (await server.accept(2)).write('x');
    await until(() => probe.input[1] === 'x');
    server.dropAll('end');
    expect((await probe.closed()).endedBy).toBe('remote');
  });

  it("a writer that waits for 'drain' goes on in the next life", async ({ server }) => {
    server.script = () => stall();
    const probe = new SocketProbe({}, true);
    for (let life = 1; life <= 3; life += 1) {
      await probe.dial(server);
      while (probe.socket.write(Buffer.alloc(1_000_000)));
      const drained = outcome((done) => probe.socket.once('drain', done));
      server.dropAll('reset');
      await probe.closed();
      await probe.dial(server);
      probe.link.announceDrain();
      await drained;
      probe.socket.destroy();
      await probe.closed();
    }
    const refused = outcome((done) => probe.socket.once('drain', done));
    expect(probe.socket.write('down')).toBe(false);
    await probe.dial(server);
    probe.link.announceDrain();
    await refused;
    probe.socket.destroy();
    await probe.closed();
  });

  it("a write after either side has ended, or after destroy(), is refused, and 'drain' comes in the next life", async ({
    server,
  }) => {
    const probe = new SocketProbe({}, true);
    const errors: Error[] = [];
    probe.socket.on('error', (error) => errors.push(error));
    const endings: ((socket: Socket) => unknown)[] = [
      (socket) => socket.end(),
      (socket) => socket.destroy(),
      async (socket) => {
        const ended = outcome((done) => socket.once('end', done));
        server.dropAll('end');
        await ended;
      },
    ];
    for (const end of endings) {
      await probe.dial(server);
      await end(probe.socket);
      const refused = outcome((done) => expect(probe.socket.write('late', done)).toBe(false));
      await probe.closed();
      expect(await refused).toBeInstanceOf(ClosedError);
      const drained = outcome((done) => probe.socket.once('drain', done));
      await probe.dial(server);
      probe.link.announceDrain();
      await drained;
      probe.socket.destroy();
      await probe.closed();
    }
    expect(errors).toEqual([]);
  });

  it('unref() and ref() hold in every life', async ({ server }) => {
    const probe = new SocketProbe({}, true);
    const hasRef = (): boolean =>
      (probe.socket as unknown as { _handle: { hasRef(): boolean } })._handle.hasRef();
    const listeners = probe.socket.listenerCount('connect');
    probe.socket.unref();
    for (let life = 1; life <= 3; life += 1) {
      await probe.dial(server);
      expect(hasRef()).toBe(false);
      probe.socket.unref();
      probe.socket.destroy();
      probe.socket.unref();
      await probe.closed();
      probe.socket.unref();
    }
    probe.socket.ref();
    await probe.dial(server);
    expect(hasRef()).toBe(true);
    expect(probe.socket.listenerCount('connect')).toBe(listeners);
    expect(probe.socket.listenerCount('connectionAttempt')).toBe(0);
    probe.socket.destroy();
    await probe.closed();
  });

  it('noDelay and keepAlive are set in every life', async ({ server }) => {
    const probe = new SocketProbe({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 }, true);
    for (let life = 1; life <= 3; life += 1) {
      await probe.dial(server);
      await server.accept(life);
      if (process.platform === 'linux') expect(kernelTimer(probe.socket)).toBe('keepalive');
      probe.socket.destroy();
      await probe.closed();
    }
  });

  it('bytesRead and bytesWritten restart, listeners and encoding stay', async ({ server }) => {
    const probe = new SocketProbe({}, true);
    probe.socket.setEncoding('latin1');
    for (let life = 1; life <= 3; life += 1) {
      await probe.dial(server);
      probe.socket.write('four');
      await until(() => probe.input.at(-1) === 'four');
      expect([probe.socket.bytesRead, probe.socket.bytesWritten]).toEqual([4, 4]);
      expect(probe.socket.readableEncoding).toBe('latin1');
      server.dropAll('reset');
      await probe.closed();
    }
  });
});

/** Which timer the Linux kernel runs for a socket. */
function kernelTimer({ localPort, remotePort }: Socket): string {
  const hex = (port = 0): string => port.toString(16).toUpperCase().padStart(4, '0');
  const row = readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(
      ([, local, remote]) => local?.endsWith(`:${hex(localPort)}`) && remote?.endsWith(`:${hex(remotePort)}`),
    );
  return row?.[5]?.startsWith('02:') ? 'keepalive' : `other (${row?.[5]})`;
}
