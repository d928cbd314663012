import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect } from 'vitest';
import { it, until } from '../../support/fixtures.js';
import { SocketProbe } from '../../support/socket-probe.js';

/** A way to read a socket: attached in each life, it answers with what has arrived so far. */
type Reading = (socket: Socket) => () => string;

const readings: Readonly<Record<string, Reading>> = {
  "'data' events": (socket) => {
    let seen = '';
    const add = (chunk: Buffer): void => void (seen += chunk.toString());
    socket.on('data', add);
    socket.once('close', () => socket.off('data', add));
    return () => seen;
  },
  "'readable' events": (socket) => {
    let seen = '';
    const read = (): void => {
      for (let chunk: Buffer | null; (chunk = socket.read() as Buffer | null);) seen += chunk.toString();
    };
    socket.on('readable', read);
    socket.once('close', () => socket.off('readable', read));
    return () => seen;
  },
  'for await': (socket) => {
    let seen = '';
    const read = async (): Promise<void> => {
      for await (const chunk of socket) seen += String(chunk);
    };
    read().catch(() => undefined);
    return () => seen;
  },
  'pipe()': (socket) => {
    let seen = '';
    const target = new PassThrough();
    target.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    socket.pipe(target);
    socket.once('close', () => socket.unpipe(target));
    return () => seen;
  },
  'pause() and resume()': (socket) => {
    let seen = '';
    const add = (chunk: Buffer): void => void (seen += chunk.toString());
    socket.on('data', add);
    socket.pause();
    setImmediate(() => socket.resume());
    socket.once('close', () => socket.off('data', add));
    return () => seen;
  },
  'setEncoding()': (socket) => {
    let seen = '';
    const add = (text: string): void => {
      expect(text).toBeTypeOf('string');
      seen += text;
    };
    socket.setEncoding('utf8').on('data', add);
    socket.once('close', () => socket.off('data', add));
    return () => seen;
  },
};

describe.each(Object.entries(readings))('reading by %s', (_name, read) => {
  it('works in each of 100 lives, which end in turn by FIN and RST', async ({ server }) => {
    const probe = new SocketProbe();
    const listeners = listenerCounts(probe.socket);
    for (let life = 1; life <= 100; life += 1) {
      await probe.dial(server);
      const seen = read(probe.socket);
      probe.link.readOn();
      probe.socket.setTimeout(60_000).unref().ref();
      probe.socket.cork();
      probe.socket.write(`life `);
      probe.socket.write(`${life}`);
      probe.socket.uncork();
      await until(() => seen() === `life ${life}`);
      server.dropAll(life % 2 === 0 ? 'reset' : 'end');
      await probe.closed();
    }
    expect(probe.losses.filter(({ error }) => error)).toHaveLength(50);
    expect(listenerCounts(probe.socket)).toEqual(listeners);
  });
});

it('onread works in each of 100 lives, with one buffer', async ({ server }) => {
  const buffer = Buffer.alloc(16);
  let seen = '';
  const callback = (length: number, filled: Uint8Array): boolean => {
    seen += Buffer.from(filled.subarray(0, length)).toString();
    return true;
  };
  const probe = new SocketProbe({ onread: { buffer, callback } });
  for (let life = 1; life <= 100; life += 1) {
    await probe.dial(server);
    seen = '';
    probe.socket.write(`life ${life}`);
    await until(() => seen === `life ${life}`);
    server.dropAll(life % 2 === 0 ? 'reset' : 'end');
    await probe.closed();
  }
});

function listenerCounts(socket: Socket): Record<string, number> {
  return Object.fromEntries(socket.eventNames().map((name) => [String(name), socket.listenerCount(name)]));
}
