import { once } from 'node:events';
import { describe, expect } from 'vitest';
import { constant, type ManagedSocket } from '../../src/index.js';
import { greet } from '../../src/testing/index.js';
import { it, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const atOnce = { backoff: constant(0) };

/** Keeps what it is given, without a copy. */
class Keeper extends Recorder {
  readonly chunks: Buffer[] = [];

  override onData(chunk: Buffer): void {
    super.onData(chunk);
    this.chunks.push(chunk);
  }
}

describe('reuseReadBuffer', () => {
  it('delivers every life through one buffer for all connections', async ({ server, manager }) => {
    const handlers = [new Keeper(), new Keeper()];
    const connections = handlers.map((handler) =>
      manager.connect(server.port, server.host, handler, {
        ...atOnce,
        reuseReadBuffer: true,
        stableAfter: 0,
      }),
    );
    for (let life = 1; life <= 3; life += 1) {
      for (const [index, handler] of handlers.entries()) {
        await handler.until(life === 1 ? 'connect' : 'reconnect', Math.max(1, life - 1));
        connections[index]?.socket.write(`life ${life} of ${index}`);
        await until(() => handler.input[life - 1] === `life ${life} of ${index}`);
      }
      server.dropAll(life === 1 ? 'reset' : 'end');
      await Promise.all(handlers.map((handler) => handler.until('reset', life)));
    }
    const buffers = new Set(handlers.flatMap(({ chunks }) => chunks.map(({ buffer }) => buffer)));
    expect(buffers.size).toBe(1);
  });

  it('honours pause() and resume(), and ends a pause with its life', async ({ server, manager }) => {
    const handler = new Keeper();
    const { socket } = manager.connect(server.port, server.host, handler, {
      ...atOnce,
      reuseReadBuffer: true,
    });
    await handler.until('connect');
    socket.pause();
    const peer = await server.accept(1);
    peer.write('held');
    socket.write('echo');
    await peer.until('echo');
    expect(handler.input[0]).toBe('');
    socket.resume();
    await until(() => handler.input[0] === 'heldecho');
    socket.pause();
    socket.destroy();
    await handler.until('reconnect');
    socket.write('again');
    await until(() => handler.input[1] === 'again');
  });
});

describe('without onData', () => {
  /** Reads one greeting in each life, by itself. */
  class Greeted extends Recorder {
    readonly greetings: string[] = [];

    override async onConnect(socket: ManagedSocket): Promise<void> {
      void super.onConnect(socket);
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      this.greetings.push(chunk.toString());
    }

    override onReconnect(socket: ManagedSocket): Promise<void> {
      return this.onConnect(socket);
    }
  }

  it('a handshake may read what the server says first, in every life', async ({ server, manager }) => {
    server.script = (number) => greet(`hello ${number}`);
    const handler = new Greeted();
    Object.assign(handler, { onData: undefined });
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    for (let life = 1; life <= 3; life += 1) {
      await until(() => handler.greetings.length === life && connection.state === 'ready');
      server.dropAll('reset');
    }
    expect(handler.greetings).toEqual(['hello 1', 'hello 2', 'hello 3']);
  });

  it('a program may iterate over each life', async ({ server, manager }) => {
    server.script = (number) => greet(`life ${number};`);
    const lives: string[] = [];
    const iterate = async (socket: ManagedSocket): Promise<void> => {
      const life = lives.push('') - 1;
      for await (const chunk of socket) lives[life] += String(chunk);
    };
    const read = (socket: ManagedSocket): void => void iterate(socket).catch(() => undefined);
    manager.connect(
      server.port,
      server.host,
      { onConnect: read, onReset: () => undefined, onReconnect: read },
      atOnce,
    );
    for (let life = 1; life <= 12; life += 1) {
      await until(() => lives[life - 1] === `life ${life};`);
      server.dropAll(life % 2 === 0 ? 'reset' : 'end');
    }
  });

  it('onread of the program gets the input', async ({ server, manager }) => {
    let seen = '';
    const handler = new Recorder();
    Object.assign(handler, { onData: undefined });
    const callback = (length: number, buffer: Uint8Array): boolean => {
      seen += Buffer.from(buffer.subarray(0, length)).toString();
      return true;
    };
    const options = { ...atOnce, onread: { buffer: Buffer.alloc(16), callback } };
    const { socket } = manager.connect(server.port, server.host, handler, options);
    for (let life = 1; life <= 3; life += 1) {
      await handler.until(life === 1 ? 'connect' : 'reconnect', Math.max(1, life - 1));
      seen = '';
      socket.write(`life ${life}`);
      await until(() => seen === `life ${life}`);
      server.dropAll('reset');
    }
  });
});
