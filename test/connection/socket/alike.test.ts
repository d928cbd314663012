import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect } from 'vitest';
import { constant } from '../../../src/index.js';
import { greet } from '../../../src/testing/index.js';
import { it, nextTurn, until } from '../../support/fixtures.js';
import { transports, withStage, type Setting, type Stage } from './transports.js';

/** What is done with the socket, and what comes of it: over every transport the same. */
interface Rule extends Setting {
  readonly play: (stage: Stage) => Promise<unknown>;
  readonly result: unknown;
}

/** Tells what has been read of a greeting before and after `resume()`. */
async function heldBack(stage: Stage): Promise<unknown> {
  const { server, handler } = stage;
  const socket = await stage.life(1);
  const peer = await server.accept(1);
  socket.write('x');
  await peer.until('x');
  await nextTurn();
  const before = [socket.isPaused(), handler.input[0]];
  socket.resume();
  await until(() => handler.input[0] === 'hix');
  return before;
}

/** The socket while the link is down after a life: over TLS, it is never dialled again. */
async function lost(stage: Stage): Promise<Socket> {
  await stage.life(1);
  await stage.server.refuse();
  stage.server.dropAll('end');
  await stage.handler.until('retry');
  return stage.socket;
}

const echoAfterGreeting = (): ReturnType<typeof greet>[] => [greet('hi')];

const rules: Readonly<Record<string, Rule>> = {
  'a pause before the first life holds in it': {
    script: echoAfterGreeting,
    play: async (stage) => {
      stage.socket.pause();
      return heldBack(stage);
    },
    result: [true, ''],
  },
  'a pause before the first life holds in it, after dials that failed': {
    script: echoAfterGreeting,
    isRefused: true,
    play: async (stage) => {
      stage.socket.pause();
      await stage.handler.until('retry', 3);
      await stage.server.listen();
      return heldBack(stage);
    },
    result: [true, ''],
  },
  'a pause before the first life holds in it where the buffer is reused': {
    script: echoAfterGreeting,
    options: { reuseReadBuffer: true },
    play: async (stage) => {
      stage.socket.read(0);
      stage.socket.pause();
      return heldBack(stage);
    },
    result: [true, ''],
  },
  'resume() before the first life takes a pause back': {
    script: echoAfterGreeting,
    play: async (stage) => {
      stage.socket.pause().resume();
      await until(() => stage.handler.input[0] === 'hi');
      return stage.socket.isPaused();
    },
    result: false,
  },
  'a pause ends with its life, and one between two lives is not kept': {
    script: echoAfterGreeting,
    play: async (stage) => {
      (await stage.life(1)).pause();
      await stage.server.refuse();
      stage.server.dropAll('reset');
      // What is paused and has input sees no end.
      stage.socket.resume();
      await stage.handler.until('retry');
      stage.socket.pause();
      await stage.server.listen();
      await until(() => stage.handler.input[1] === 'hi');
      return stage.socket.isPaused();
    },
    result: false,
  },
  'connect() while it dials calls back when writes pass': {
    play: async ({ socket, handler }) => {
      const writes: boolean[] = [];
      socket.connect(1, () => writes.push(socket.write('x')));
      await until(() => handler.input[0] === 'x');
      return writes;
    },
    result: [true],
  },
  'connect() in a life calls back on the next tick, and dials nothing': {
    play: async (stage) => {
      const socket = await stage.life(1);
      const heard: string[] = [];
      socket.once('ready', () => heard.push('ready')).connect({ port: 1 }, () => heard.push('connect'));
      await new Promise((resolve) => process.nextTick(resolve));
      return [heard, stage.server.accepted, [...stage.handler.events]];
    },
    result: [['connect', 'ready'], 1, ['connect']],
  },
  'connect() while the link is down never dials': {
    play: async (stage) => {
      const socket = await lost(stage);
      const dials = stage.connection.stats().dials;
      socket.connect(1).connect({ path: '/nowhere' });
      return stage.connection.stats().dials - dials;
    },
    result: 0,
  },
  'removing all listeners ends nothing, and hides no data': {
    play: async (stage) => {
      const socket = await stage.life(1);
      for (const name of ['connect', 'secureConnect', 'session', 'data', 'end', 'error', 'close']) {
        for (const listener of socket.listeners(name)) socket.off(name, listener as () => void);
        // oxlint-disable-next-line no-restricted-properties -- what connman does then is the question
        socket.removeAllListeners(name);
      }
      // oxlint-disable-next-line no-restricted-properties
      socket.removeAllListeners();
      socket.write('heard');
      await until(() => stage.handler.input[0] === 'heard');
      socket.destroy(new Error('said the test'));
      await stage.handler.until('reconnect');
      return stage.handler.resets[0]?.code;
    },
    result: 'error',
  },
  'what is listened to in a life is as much as over TCP': {
    play: async (stage) => {
      const socket = await stage.life(1);
      return ['data', 'end', 'error', 'finish', 'drain'].map((name) => socket.listenerCount(name));
    },
    // One of the error listeners is this test's.
    result: [1, 1, 2, 0, 0],
  },
  'for await ends with its life, and leaves no listener': {
    script: echoAfterGreeting,
    readsItself: true,
    play: async (stage) => {
      const seen: string[] = [];
      const counts: number[] = [];
      for (const how of ['end', 'reset'] as const) {
        const socket = await stage.life(counts.length + 1);
        const closed = once(socket, 'close');
        try {
          for await (const chunk of socket) {
            seen.push(String(chunk));
            stage.server.dropAll(how);
          }
        } catch {
          seen.push('failed');
        }
        await closed.catch(() => undefined);
        counts.push(socket.listenerCount('readable') + socket.listenerCount('end'));
      }
      return [seen.filter((each) => each === 'hi'), counts];
    },
    options: { backoff: constant(1) },
    result: [
      ['hi', 'hi'],
      [1, 1],
    ],
  },
  'setTimeout() of a socket that is down checks, remembers, and calls no one': {
    play: async (stage) => {
      const socket = await lost(stage);
      expect(() => socket.setTimeout(-1)).toThrow('timeout: expected milliseconds');
      let calls = 0;
      socket.setTimeout(60_000, () => (calls += 1));
      return [socket.timeout, socket.listenerCount('timeout'), calls];
    },
    result: [60_000, 1, 0],
  },
  'unref() and ref() hold, while it dials and later': {
    play: async (stage) => {
      const hasRef = (): boolean => handleOf(stage.socket).hasRef();
      stage.socket.unref();
      await stage.life(1);
      const states = [hasRef()];
      stage.server.dropAll('end');
      await stage.life(2);
      states.push(hasRef());
      stage.socket.ref();
      states.push(hasRef());
      return [states, stage.socket.listenerCount('connectionAttempt')];
    },
    result: [[false, false, true], 0],
  },
  'a listener of every event is told the end once': {
    play: async (stage) => {
      const socket = await stage.life(1);
      const heard: string[] = [];
      for (const name of ['end', 'finish', 'error', 'close']) socket.on(name, () => heard.push(name));
      stage.server.dropAll('end');
      await stage.handler.until('reset');
      return heard;
    },
    result: ['end', 'finish', 'close'],
  },
};

describe.each(transports)('over %s', (transport) => {
  it.for(Object.entries(rules))('%s', async ([, { play, result, ...setting }], { manager }) => {
    expect(await withStage(transport, manager, setting, play)).toEqual(result);
  });
});

interface Handle {
  hasRef(): boolean;
  /** Over TLS, that of the TCP socket below. */
  readonly _parent?: Handle;
}

function handleOf(socket: Socket): Handle {
  const { _handle: handle } = socket as unknown as { readonly _handle: Handle };
  return handle._parent ?? handle;
}
