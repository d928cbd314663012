import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { describe, expect } from 'vitest';
import { ClosedError } from '../../../src/index.js';
import { stall } from '../../../src/testing/index.js';
import { it, nextTurn, until } from '../../support/fixtures.js';
import { outcome } from '../../support/socket-probe.js';
import { transports, withStage, type Setting, type Stage } from './transports.js';

/** What is done, and what a writer is told then: over every transport the same. */
interface Rule extends Setting {
  readonly play: (stage: Stage) => Promise<unknown>;
  readonly result: unknown;
}

const size = 3_000_000;

/** How a write ends: what it returns, and what its callback gets. */
async function write(socket: Socket, chunk: string): Promise<[boolean, unknown]> {
  let goesOn = true;
  const told = await outcome((done) => (goesOn = socket.write(chunk, done)));
  return [goesOn, told?.constructor];
}

async function end(socket: Socket, chunk?: string): Promise<unknown> {
  const told = await outcome((done) => (chunk === undefined ? socket.end(done) : socket.end(chunk, done)));
  return told?.constructor;
}

/** How often `'drain'` comes until something that is written later has come back. */
async function countDrains({ socket, handler }: Stage): Promise<number> {
  let drains = 0;
  socket.on('drain', () => (drains += 1));
  await handler.until('connect');
  await nextTurn();
  socket.write('later');
  await until(() => handler.input[0] === 'later');
  return drains;
}

const refused = [false, ClosedError];

const rules: Readonly<Record<string, Rule>> = {
  'a write while it dials is refused': { play: ({ socket }) => write(socket, 'x'), result: refused },
  "a refused write is told by 'drain' that the link is up": {
    play: async (stage) => {
      stage.socket.write('x');
      return countDrains(stage);
    },
    result: 1,
  },
  "end() with data while it dials is refused, and owes no 'drain'": {
    play: async (stage) => [await end(stage.socket, 'x'), await countDrains(stage)],
    result: [ClosedError, 0],
  },
  'end() without data while it dials is refused, and ends no life': {
    play: async (stage) => [await end(stage.socket), await countDrains(stage)],
    result: [ClosedError, 0],
  },
  'what comes past write() while it dials fails, and is never sent': {
    play: async ({ socket, handler, server }) => {
      const told = await outcome((done) => Reflect.apply(Writable.prototype.write, socket, ['old', done]));
      await handler.until('connect');
      handler.sockets[0]?.write('new');
      await until(() => handler.input[0] === 'new');
      return [
        told instanceof Error,
        server.connections.map((each) => each.receivedBytes().toString()).join(''),
      ];
    },
    result: [true, 'new'],
  },
  'a chunk that Node.js would not take is thrown back, up or not': {
    play: async (stage) => {
      const wrong = (): boolean => stage.socket.write(5 as never);
      expect(wrong).toThrow('chunk');
      await stage.life(1);
      expect(wrong).toThrow(/chunk/);
      stage.socket.destroy();
      expect(wrong).toThrow('chunk');
      expect(() => stage.socket.end(5 as never)).toThrow('chunk');
    },
    result: undefined,
  },
  'a write while the link is down is refused': {
    play: async (stage) => {
      await stage.life(1);
      await stage.server.refuse();
      stage.server.dropAll('end');
      await stage.handler.until('retry');
      return [await write(stage.socket, 'x'), await end(stage.socket, 'x')];
    },
    result: [refused, ClosedError],
  },
  'a write after end() is refused, and what was ended with is sent': {
    play: async (stage) => {
      const socket = await stage.life(1);
      const { server, errors, handler } = stage;
      socket.end('last');
      const late = [await write(socket, 'x'), await end(socket, 'x')];
      await handler.until('reset');
      return [late, server.connections[0]?.receivedBytes().toString(), handler.resets[0]?.code, errors];
    },
    result: [[refused, ClosedError], 'last', 'local-end', []],
  },
  'end() calls back when all is sent': {
    play: async (stage) => end(await stage.life(1), 'last'),
    result: undefined,
  },
  'a write after destroy() is refused': {
    play: async (stage) => {
      const socket = await stage.life(1);
      socket.destroy();
      return [await write(socket, 'x'), await end(socket, 'x'), stage.errors];
    },
    result: [refused, ClosedError, []],
  },
  'a write after the peer has ended is refused': {
    play: async (stage) => {
      const socket = await stage.life(1);
      const ended = outcome((done) => socket.once('end', done));
      stage.server.dropAll('end');
      await ended;
      return [await write(socket, 'x'), stage.errors];
    },
    result: [refused, []],
  },
  'a write after disconnect() is refused, what was written before is sent': {
    play: async (stage) => {
      const socket = await stage.life(1);
      socket.write('last');
      const closed = socket.disconnect();
      const late = [await write(socket, 'x'), await end(socket, 'x')];
      await closed;
      return [late, stage.server.connections[0]?.receivedBytes().toString(), stage.errors];
    },
    result: [[refused, ClosedError], 'last', []],
  },
  "write() that was set back to Node's own is still guarded": {
    play: async (stage) => {
      const socket = await stage.life(1);
      // oxlint-disable-next-line typescript/unbound-method
      socket.write = Socket.prototype.write;
      void socket.disconnect();
      return [await write(socket, 'x'), stage.errors];
    },
    result: [refused, []],
  },
  'write() can be patched until the end of the life': {
    play: async (stage) => {
      const socket = await stage.life(1);
      const seen: unknown[] = [];
      const original = socket.write.bind(socket) as (chunk: unknown) => boolean;
      socket.write = ((chunk: unknown) => seen.push(chunk) > 0 && original(chunk)) as Socket['write'];
      socket.write('patched');
      await until(() => stage.handler.input[0] === 'patched');
      stage.server.dropAll('end');
      await stage.handler.until('reset');
      return [await write(socket, 'x'), seen];
    },
    result: [refused, ['patched']],
  },
  'what is corked is sent when it is uncorked': {
    play: async (stage) => {
      const socket = await stage.life(1);
      socket.cork();
      for (const chunk of ['a', 'b', 'c']) socket.write(chunk);
      socket.uncork();
      await until(() => stage.handler.input[0] === 'abc');
      return socket.writableCorked;
    },
    result: 0,
  },
  'destroySoon() while it dials ends no life': {
    play: async (stage) => {
      stage.socket.destroySoon();
      return [await countDrains(stage), stage.socket.listenerCount('finish')];
    },
    result: [0, 0],
  },
  'destroySoon() flushes and closes': {
    play: async (stage) => {
      const socket = await stage.life(1);
      socket.write('flushed');
      socket.destroySoon();
      await stage.handler.until('reset');
      return [stage.server.connections[0]?.receivedBytes().toString(), stage.handler.resets[0]?.code];
    },
    result: ['flushed', 'local-end'],
  },
  'resetAndDestroy() ends the dial, or the life': {
    play: async (stage) => {
      stage.socket.resetAndDestroy();
      await stage.handler.until('retry');
      (await stage.life(1)).resetAndDestroy();
      await stage.handler.until('reset');
      (await stage.life(2)).end().resetAndDestroy();
      await stage.handler.until('reset', 2);
      return stage.handler.resets.map(({ code }) => code);
    },
    result: ['local-end', 'local-end'],
  },
  'what was not sent is counted': {
    script: () => stall(),
    play: async (stage) => {
      const socket = await stage.life(1);
      while (socket.writableLength < size) socket.write(Buffer.alloc(size));
      const { writableLength } = socket;
      socket.destroy();
      await stage.handler.until('reset');
      return stage.handler.resets[0]?.unsentBytes === writableLength;
    },
    result: true,
  },
  'what was not sent is counted where the first of several writes fails at once': {
    play: async (stage) => {
      const socket = await stage.life(1);
      await nextTurn();
      stage.server.dropAll('reset');
      const told: unknown[] = [];
      socket.write('x', (error) => told.push(error));
      socket.cork();
      for (const chunk of ['of', 'one', 'life']) socket.write(chunk, (error) => told.push(error));
      socket.uncork();
      await stage.handler.until('reset');
      return [stage.handler.resets[0]?.unsentBytes, told.map((error) => error instanceof Error)];
    },
    result: [10, [true, true, true, true]],
  },
  'more than maxBuffered ends the life, by write() and by end()': {
    script: () => stall(),
    options: { maxBuffered: size },
    play: async (stage) => {
      (await stage.life(1)).write(Buffer.alloc(8 * size));
      await stage.handler.until('reset');
      (await stage.life(2)).end(Buffer.alloc(8 * size));
      await stage.handler.until('reset', 2);
      return stage.handler.resets.map(({ code }) => code);
    },
    result: ['max-buffered', 'max-buffered'],
  },
};

describe.each(transports)('over %s', (transport) => {
  it.for(Object.entries(rules))('%s', async ([, { play, result, ...setting }], { manager }) => {
    expect(await withStage(transport, manager, setting, play)).toEqual(result);
  });
});
