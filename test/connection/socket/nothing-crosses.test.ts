import type { LookupFunction, Socket } from 'node:net';
import { finished, Writable } from 'node:stream';
import { describe, expect } from 'vitest';
import { guardLookup } from '../../../src/connection/dial/dial-options.js';
import { ClosedError } from '../../../src/index.js';
import { halfOpen, silent } from '../../../src/testing/index.js';
import { it, nextTurn, until } from '../../support/fixtures.js';
import { outcome, SocketProbe } from '../../support/socket-probe.js';

const bypassWrite = Writable.prototype.write as (
  this: Socket,
  chunk: string,
  callback?: (error?: Error | null) => void,
) => boolean;
const bypassEnd = Writable.prototype.end as (this: Socket) => void;

describe('what was written while the link was down', () => {
  it('is refused at once, with an error for the callback and none for the socket', async ({ server }) => {
    const probe = new SocketProbe();
    const errors: Error[] = [];
    probe.socket.on('error', (error) => errors.push(error));
    const before = outcome((done) => expect(probe.socket.write('before', done)).toBe(false));
    probe.begin(server);
    const during = outcome((done) => expect(probe.socket.write('during', 'utf8', done)).toBe(false));
    expect(probe.socket.write('without a callback')).toBe(false);
    await until(() => probe.lives === 1);
    probe.socket.write('up');
    const connection = await server.accept(1);
    await connection.until('up');
    expect(await before).toBeInstanceOf(ClosedError);
    expect(await during).toBeInstanceOf(ClosedError);
    probe.socket.destroy();
    await probe.closed();
    const after = outcome((done) => expect(probe.socket.write('after', done)).toBe(false));
    expect(await after).toBeInstanceOf(ClosedError);
    await connection.closed;
    expect(connection.receivedBytes().toString()).toBe('up');
    expect(errors).toEqual([]);
  });

  it('throws for a chunk that no write takes', ({ server: _server }) => {
    const { socket } = new SocketProbe();
    expect(() => socket.write(5 as never)).toThrow(
      'chunk: expected a string, Buffer, TypedArray or DataView, got 5',
    );
    socket.destroy();
  });

  it('reaches no later life, even past the guard of write() and end()', async ({ server }) => {
    const probe = new SocketProbe();
    await server.refuse();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      probe.begin(server);
      const written = outcome((done) => bypassWrite.call(probe.socket, `old${attempt};`, done));
      bypassEnd.call(probe.socket);
      expect(await written).toBeInstanceOf(Error);
      expect((await probe.closed()).error).toBeInstanceOf(Error);
    }
    expect(probe.socket.listenerCount('connect')).toBe(1);
    await server.listen();
    await probe.dial(server);
    probe.socket.write('new;');
    const connection = await server.accept(1);
    await connection.until('new;');
    await nextTurn();
    expect(connection.receivedBytes().toString()).toBe('new;');
    expect(connection.open).toBe(true);
    expect(probe.socket.destroyed).toBe(false);
    probe.socket.destroy();
    await probe.closed();
  });

  it('ends no later life, even past the guard of end() and without a write', async ({ server }) => {
    const probe = new SocketProbe();
    await server.refuse();
    probe.begin(server);
    bypassEnd.call(probe.socket);
    await probe.closed();
    expect(probe.socket.listenerCount('connect')).toBe(1);
    await server.listen();
    await probe.dial(server);
    const connection = await server.accept(1);
    await nextTurn();
    expect(probe.socket.writableEnded).toBe(false);
    probe.socket.write('alive');
    await connection.until('alive');
    expect(connection.ended).toBe(false);
    probe.socket.destroy();
    await probe.closed();
  });

  it('does not end, reset or destroy a later life', async ({ server }) => {
    const probe = new SocketProbe();
    await server.refuse();
    for (const give of ['end', 'destroySoon', 'destroy', 'resetAndDestroy'] as const) {
      probe.begin(server);
      probe.socket[give]();
      await probe.closed();
      probe.socket[give]();
    }
    const ended = outcome((done) => probe.socket.end('late', done));
    expect(await outcome((done) => probe.socket.end(null as never, done))).toBeInstanceOf(ClosedError);
    probe.socket.end();
    expect(await ended).toBeInstanceOf(ClosedError);
    await server.listen();
    await probe.dial(server);
    const connection = await server.accept(1);
    probe.socket.write('alive');
    await connection.until('alive');
    expect(connection.ended).toBe(false);
    probe.socket.destroy();
    await probe.closed();
  });

  it('leaves corked bytes and the cork behind', async ({ server }) => {
    const probe = new SocketProbe();
    await probe.dial(server);
    probe.socket.cork();
    probe.socket.cork();
    const corked = outcome((done) => probe.socket.write('corked', done));
    server.dropAll('reset');
    await probe.closed();
    expect(await corked).toBeInstanceOf(Error);
    await probe.dial(server);
    probe.socket.write('second');
    const connection = await server.accept(2);
    await connection.until('second');
    expect(connection.receivedBytes().toString()).toBe('second');
    probe.socket.destroy();
    await probe.closed();
  });

  it('calls the callback of a large write in flight once, and sends nothing of it later', async ({
    server,
  }) => {
    server.script = () => ({ ...silent(), ...halfOpen() });
    const probe = new SocketProbe();
    await probe.dial(server);
    let calls = 0;
    const connection = await server.accept(1);
    connection.pause();
    probe.socket.write(Buffer.alloc(16_000_000, 'x'), () => (calls += 1));
    probe.socket.write('behind it', () => (calls += 1));
    connection.reset();
    const loss = await probe.closed();
    await until(() => calls === 2);
    expect(loss.unsentBytes).toBeGreaterThan(0);
    await probe.dial(server);
    probe.socket.write('new');
    const second = await server.accept(2);
    await second.until('new');
    expect(second.receivedBytes().toString()).toBe('new');
    expect(calls).toBe(2);
    probe.socket.destroy();
    await probe.closed();
  });
});

describe('what had not been read', () => {
  for (const how of ['reset', 'destroy'] as const) {
    it(`does not reach the next life after ${how}`, async ({ server }) => {
      const probe = new SocketProbe();
      const { emit } = probe.socket;
      const patched = function (this: Socket, ...args: unknown[]): boolean {
        return Reflect.apply(emit, this, args) as boolean;
      };
      probe.socket.emit = patched;
      const seen: string[] = [];
      await probe.dial(server);
      probe.socket.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
      probe.socket.pause();
      const first = await server.accept(1);
      first.write('old');
      await until(() => probe.socket.readableLength === 3);
      if (how === 'reset') first.reset();
      else probe.socket.destroy();
      await probe.closed();
      expect(probe.socket.readableLength).toBe(0);
      expect(probe.socket.emit).toBe(patched);
      probe.socket.resume();
      await nextTurn();
      await probe.dial(server);
      (await server.accept(2)).write('new');
      await until(() => seen.length > 0);
      expect(seen).toEqual(['new']);
      probe.socket.destroy();
      await probe.closed();
    });
  }

  it('leaves no half character in the decoder', async ({ server }) => {
    const probe = new SocketProbe();
    const seen: string[] = [];
    probe.socket.setEncoding('utf8');
    probe.socket.on('data', (text: string) => seen.push(text));
    await probe.dial(server);
    const first = await server.accept(1);
    first.write(Buffer.from([0xe2, 0x82]));
    await until(() => probe.socket.bytesRead === 2);
    first.reset();
    await probe.closed();
    await probe.dial(server);
    (await server.accept(2)).write('€ ok');
    await until(() => seen.length > 0);
    expect(seen.join('')).toBe('€ ok');
    probe.socket.destroy();
    await probe.closed();
  });
});

describe('a dial that is over', () => {
  it('has exactly one end, and listeners stay as many, over 1 000 refusals and 1 000 drops', async ({
    server,
  }) => {
    const probe = new SocketProbe();
    let closes = 0;
    probe.socket.on('close', () => (closes += 1));
    await server.refuse();
    for (let attempt = 0; attempt < 1_000; attempt += 1) {
      probe.begin(server);
      probe.socket.write('lost');
      await probe.closed();
    }
    await server.listen();
    for (let attempt = 0; attempt < 1_000; attempt += 1) {
      await probe.dial(server);
      (await server.accept(attempt + 1)).reset();
      await probe.closed();
    }
    expect(closes).toBe(2_000);
    expect(probe.losses).toHaveLength(2_000);
    expect(probe.socket.listenerCount('connect')).toBe(1);
    expect(probe.socket.listenerCount('close')).toBe(2);
  });

  it('shows finished() the real error of the drop', async ({ server }) => {
    const probe = new SocketProbe({}, true);
    await probe.dial(server);
    const end = outcome((done) => finished(probe.socket, done));
    server.dropAll('reset');
    expect((await end) as NodeJS.ErrnoException).toMatchObject({ code: 'ECONNRESET' });
    await probe.closed();
  });

  it('is closed only when it says so, not when the flags do', async ({ server }) => {
    const probe = new SocketProbe();
    await probe.dial(server);
    probe.socket.destroy();
    expect(probe.socket.closed).toBe(true);
    expect(probe.losses).toHaveLength(0);
    await probe.closed();
  });

  it('applies no late answer of its lookup to the next', async ({ server }) => {
    const answers: ((address: string) => void)[] = [];
    const lookup: LookupFunction = (_host, options, answer) => {
      answers.push((address) =>
        options.all ? answer(null, [{ address, family: 4 }]) : answer(null, address, 4),
      );
    };
    const probe = new SocketProbe();
    const dial = (): void => {
      const number = probe.dials + 1;
      const state = {
        phase: 'connect' as const,
        get isCurrent(): boolean {
          return probe.dials === number;
        },
      };
      const guarded = guardLookup(lookup, undefined, state);
      probe.begin({ host: 'name.test', port: server.port, lookup: guarded });
    };
    dial();
    probe.socket.destroy();
    await probe.closed();
    dial();
    answers[0]?.('127.0.0.2');
    await nextTurn();
    expect(probe.socket.connecting).toBe(true);
    answers[1]?.('127.0.0.1');
    await until(() => probe.lives === 1);
    answers[0]?.('127.0.0.2');
    answers[1]?.('127.0.0.1');
    expect(probe.socket.remoteAddress).toBe('127.0.0.1');
    probe.socket.destroy();
    await probe.closed();
  });
});
