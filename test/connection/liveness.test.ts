import { describe, expect, onTestFinished, vi } from 'vitest';
import { constant, TimeoutError, type ConnectionOptions, type ManagedSocket } from '../../src/index.js';
import {
  end,
  halfOpen,
  respond,
  silent,
  stall,
  startFaultServer,
  startServerProcess,
  type FaultServer,
} from '../../src/testing/index.js';
import { certificates } from '../support/certificates.js';
import { pass, withFakeTime } from '../support/fake-time.js';
import { activeResources, it, nextTurn, until as untilTrue } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';
import { repeat } from '../support/repeat.js';

const slack = 50;

function ping(socket: ManagedSocket): void {
  socket.write('ping');
}

function heartbeat(interval: number, timeout?: number): ConnectionOptions {
  return { backoff: constant(0), heartbeat: { interval, timeout, ping } };
}

/** Lets time pass until a life has been reset, or something else holds; says for how long. */
async function untilReset(
  handler: Recorder,
  count = 1,
  { step = 1, meanwhile = (): void => {} }: { step?: number; meanwhile?: (passed: number) => void } = {},
): Promise<number> {
  const start = performance.now();
  const passed = (): number => performance.now() - start;
  while (handler.resets.length < count && passed() < 20_000) {
    meanwhile(passed());
    // oxlint-disable-next-line no-await-in-loop
    await pass(step, step);
  }
  return passed();
}

/** Lets time pass until a callback has been called so often: the wait for a dial is a timer as well. */
async function until(handler: Recorder, name: Parameters<Recorder['until']>[0], count = 1): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop
  while (handler.count(name) < count) await pass(1, 1);
}

/** Lets bytes come over the loopback, without any time passing. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) {
    // oxlint-disable-next-line no-await-in-loop
    await nextTurn();
  }
}

/** Keeps the event loop from going on. */
function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function answersPings(): ReturnType<typeof respond> {
  return respond((chunk) => (chunk.includes('ping') ? 'pong' : undefined));
}

describe('a heartbeat', () => {
  it.for([
    { interval: 100, timeout: 100 },
    { interval: 400, timeout: 100 },
    { interval: 1_000, timeout: 3_000 },
  ])('finds a silent peer in $interval + $timeout ms', async ({ interval, timeout }, { server, manager }) => {
    server.script = () => silent();
    await withFakeTime(async () => {
      const handler = new Recorder();
      manager.connect(server.port, server.host, handler, heartbeat(interval, timeout));
      await handler.until('connect');
      const deadline = interval + timeout;
      const passed = await untilReset(handler);
      expect(passed).toBeGreaterThanOrEqual(deadline - 1);
      expect(passed).toBeLessThanOrEqual(deadline + Math.max(slack, deadline * 0.05));
      expect(handler.resets[0]).toMatchObject({ code: 'heartbeat', willReconnect: true });
      expect(handler.resets[0]?.error).toBeInstanceOf(TimeoutError);
      expect(handler.resets[0]?.error).toMatchObject({ timeout: deadline });
      expect(handler.resets[0]?.error?.message).toMatch(
        /^nothing was read for \d+ ms, not even after a ping$/,
      );
      await until(handler, 'reconnect');
      expect(server.connections[0]?.receivedBytes().toString()).toBe('ping');
      const again = await untilReset(handler, 2);
      expect(again, 'in every life').toBeLessThanOrEqual(deadline + Math.max(slack, deadline * 0.05));
      await manager.disconnectAll({ grace: 0 });
    });
  });

  it.for(['Unix', 'TLS'])(
    'finds a silent peer over %s as well',
    async (transport, { manager, socketPath }) => {
      const { ca, localhost } = await certificates();
      const script = () => silent();
      await using server = await startFaultServer(
        transport === 'TLS' ? { tls: localhost, script } : { path: socketPath, script },
      );
      await withFakeTime(async () => {
        const handler = new Recorder();
        const tls = transport === 'TLS' ? { ca } : undefined;
        const connection = manager.connect(server.endpoint, handler, { ...heartbeat(100), tls });
        await handler.until('connect');
        const passed = await untilReset(handler);
        expect(passed).toBeGreaterThanOrEqual(199);
        expect(passed).toBeLessThanOrEqual(250);
        expect(handler.resets[0]?.code).toBe('heartbeat');
        await until(handler, 'reconnect');
        expect(connection.stats()).toMatchObject({ resets: { heartbeat: 1 } });
        await manager.disconnectAll({ grace: 0 });
      });
    },
  );

  it('finds a peer that takes bytes no more, while the program goes on writing', async ({
    server,
    manager,
  }) => {
    server.script = () => stall();
    await withFakeTime(async () => {
      const handler = new Recorder();
      const connection = manager.connect(server.port, server.host, handler, heartbeat(200));
      await handler.until('connect');
      let written = 0;
      const meanwhile = (passed: number): void => {
        if (passed % 20 === 0) written += Number(connection.socket.write(Buffer.alloc(1_000)));
      };
      expect(await untilReset(handler, 1, { meanwhile })).toBeLessThanOrEqual(450);
      expect(handler.resets[0]?.code).toBe('heartbeat');
      expect(written).toBeGreaterThan(15);
      await manager.disconnectAll({ grace: 0 });
    });
  });

  it('lets a peer live that answers, or that speaks by itself', async ({ server, manager }) => {
    server.script = (connection) => (connection === 1 ? answersPings() : silent());
    await withFakeTime(async () => {
      const handler = new Recorder();
      manager.connect(server.port, server.host, handler, heartbeat(100));
      await handler.until('connect');
      const talker = new Recorder();
      manager.connect(server.port, server.host, talker, heartbeat(100));
      await talker.until('connect');
      const peer = await server.accept(2);
      await repeat(60, async () => {
        peer.socket.write('x');
        await pass(90, 10);
      });
      expect([...handler.resets, ...talker.resets]).toEqual([]);
      const pings = server.connections[0]?.receivedBytes().toString() ?? '';
      expect(pings.length / 4, 'pings in 5.4 s').toBeGreaterThan(25);
      expect(peer.receivedBytes().toString(), 'who speaks is not asked').toBe('');
      await manager.disconnectAll({ grace: 0 });
    });
  });

  it('passes no verdict over a time in which the program could not read', async ({ manager }) => {
    const server = await startServerProcess();
    const handler = new Recorder();
    let blocks = 0;
    manager.connect(server.port, server.host, handler, {
      heartbeat: {
        interval: 60,
        ping: (socket) => {
          socket.write('ping');
          blocks += 1;
          block(400);
        },
      },
    });
    await untilTrue(() => handler.resets.length > 0 || handler.input[0]?.length === 16);
    expect(handler.resets).toEqual([]);
    await manager.disconnectAll();
    await server.close();
  });

  it('passes no verdict after its host has slept', async ({ server, manager }) => {
    const clock = performance.now.bind(performance);
    let slept = 0;
    const spy = vi.spyOn(performance, 'now').mockImplementation(() => clock() + slept);
    onTestFinished(() => spy.mockRestore());
    // The answer is not there when the host wakes up: it has to be sent again.
    server.script = () =>
      respond((chunk, { socket }) => {
        setTimeout(() => socket.write(chunk), 20);
        return undefined;
      });
    const handler = new Recorder();
    let sleeps = 0;
    manager.connect(server.port, server.host, handler, {
      heartbeat: {
        interval: 60,
        timeout: 1_000,
        ping: (socket) => {
          socket.write('ping');
          sleeps += 1;
          slept += 3_600_000;
        },
      },
    });
    await untilTrue(() => handler.resets.length > 0 || handler.input[0]?.length === 16);
    expect(handler.resets).toEqual([]);
  });

  it('does not judge a paused socket', async ({ server, manager }) => {
    server.script = () => silent();
    await withFakeTime(async () => {
      const handler = new Recorder();
      const { socket } = manager.connect(server.port, server.host, handler, heartbeat(100));
      await handler.until('connect');
      socket.pause();
      await pass(2_000, 10);
      expect(handler.resets).toEqual([]);
      socket.resume();
      expect(await untilReset(handler)).toBeLessThanOrEqual(300);
      await manager.disconnectAll({ grace: 0 });
    });
  });

  it('reports what ping() throws or rejects with, and goes on', async ({ server, manager }) => {
    server.script = () => silent();
    await withFakeTime(async () => {
      const handler = new Recorder();
      let calls = 0;
      manager.connect(server.port, server.host, handler, {
        backoff: constant(0),
        heartbeat: {
          interval: 50,
          ping: () => {
            calls += 1;
            if (calls === 1) throw new Error('thrown');
            return Promise.reject(new Error('rejected'));
          },
        },
      });
      await handler.until('connect');
      await untilReset(handler, 2);
      await settle();
      expect(handler.errors).toMatchObject([
        { where: 'heartbeat.ping', error: { message: 'thrown' } },
        { where: 'heartbeat.ping', error: { message: 'rejected' } },
      ]);
      await manager.disconnectAll({ grace: 0 });
    });
  });

  it('begins when the connection is ready, not in the handshake', async ({ server, manager }) => {
    server.script = () => silent();
    await withFakeTime(async () => {
      class Slow extends Recorder {
        override onConnect(socket: ManagedSocket): Promise<void> {
          void super.onConnect(socket);
          return new Promise((resolve) => setTimeout(resolve, 1_000));
        }
      }
      const handler = new Slow();
      manager.connect(server.port, server.host, handler, heartbeat(100));
      await handler.until('connect');
      await pass(990, 10);
      expect(server.connections[0]?.receivedBytes().toString()).toBe('');
      expect(handler.resets).toEqual([]);
      await untilReset(handler);
      expect(handler.resets[0]?.code).toBe('heartbeat');
      await manager.disconnectAll({ grace: 0 });
    });
  });

  it('may be an instance of a class', async ({ server, manager }) => {
    class Beat {
      readonly interval = 50;
      readonly text = 'beat';
      ping(socket: ManagedSocket): void {
        socket.write(this.text);
      }
    }
    const handler = new Recorder();
    manager.connect(server.port, server.host, handler, { heartbeat: new Beat() });
    await handler.until('data');
    expect(handler.input[0]).toBe('beat');
  });
});

describe('idleTimeout', () => {
  it('ends a life in which nothing is read, whatever is written', async ({ server, manager }) => {
    server.script = () => silent();
    await withFakeTime(async () => {
      const handler = new Recorder();
      const options = { backoff: constant(0), idleTimeout: 500 };
      const { socket } = manager.connect(server.port, server.host, handler, options);
      await handler.until('connect');
      const passed = await untilReset(handler, 1, { meanwhile: () => socket.write('x') });
      expect(passed).toBeGreaterThanOrEqual(499);
      expect(passed).toBeLessThanOrEqual(550);
      expect(handler.resets[0]).toMatchObject({ code: 'idle', error: { timeout: 500 } });
      await manager.disconnectAll({ grace: 0 });
    });
  });
});

it('idleTimeout passes no verdict while what has come is not read yet', async ({ manager }) => {
  const server = await startServerProcess();
  const handler = new Recorder();
  const { socket } = manager.connect(server.port, server.host, handler, { idleTimeout: 100 });
  await handler.until('connect');
  await repeat(4, async (round) => {
    socket.write('x');
    // Longer than it may be silent; the answer comes meanwhile.
    block(150 + round * 25);
    await handler.until('data', round + 1);
  });
  expect(handler.resets).toEqual([]);
  await manager.disconnectAll();
  await server.close();
});

/** The ages, in milliseconds, that so many lives reach. */
async function ages(
  server: FaultServer,
  count: number,
  connect: (handler: Recorder) => void,
): Promise<number[]> {
  const handler = new Recorder();
  connect(handler);
  await handler.until('connect');
  await untilReset(handler, count, { step: 5 });
  expect(server.accepted).toBeGreaterThanOrEqual(count);
  expect(handler.resets.map(({ code }) => code)).toEqual(Array.from({ length: count }, () => 'max-age'));
  return handler.resets.map(({ uptime }) => uptime);
}

describe('maxAge', () => {
  it('ends lives at their age, give or take a tenth, each at another', async ({ server, manager }) => {
    await withFakeTime(async () => {
      const options = { backoff: constant(0), maxAge: 1_000 };
      const all = await ages(server, 12, (handler) =>
        manager.connect(server.port, server.host, handler, options),
      );
      for (const age of all) {
        expect(age).toBeGreaterThanOrEqual(890);
        expect(age).toBeLessThanOrEqual(1_100 + slack + 10);
      }
      expect(Math.max(...all) - Math.min(...all), 'spread').toBeGreaterThan(20);
      await manager.disconnectAll({ grace: 0 });
    });
  });

  it('sends first what was written, and holds out for no peer for ever', async ({ server, manager }) => {
    server.script = (connection) => (connection === 1 ? end() : connection === 2 ? silent() : halfOpen());
    await withFakeTime(async () => {
      const handler = new Recorder();
      const options = { backoff: constant(0), maxAge: 1_000, allowHalfOpen: true };
      const { socket } = manager.connect(server.port, server.host, handler, options);
      socket.on('end', () => handler.resets.length === 0 && socket.end());
      await until(handler, 'reconnect');
      const size = 3_000_000;
      socket.write(Buffer.alloc(size));
      await untilReset(handler, 2, { step: 5 });
      expect(handler.resets[1]).toMatchObject({ code: 'max-age', unsentBytes: 0 });
      expect(handler.resets[1]?.error).toBeUndefined();
      const second = await server.accept(2);
      await untilTrue(() => second.received === size);
      await until(handler, 'reconnect', 2);
      const passed = await untilReset(handler, 3, { step: 5 });
      expect(handler.resets[2]).toMatchObject({ code: 'max-age' });
      expect(passed, 'its age, and the patience with a peer that does not end').toBeLessThan(1_160 + 2_050);
      await manager.disconnectAll({ grace: 0 });
    });
  });
});

/** Counts the timers that are begun until the test is over, and how many of them ran at the same time. */
function watchTimers(): { begun: number; most: number } {
  const { setTimeout: begin, clearTimeout: stop } = globalThis;
  const running = new Set<unknown>();
  const seen = { begun: 0, most: 0 };
  const begins = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((fire: () => void, delay: number) => {
    const timer = begin(() => {
      running.delete(timer);
      fire();
    }, delay);
    seen.begun += 1;
    seen.most = Math.max(seen.most, running.add(timer).size);
    return timer;
  }) as typeof setTimeout);
  const stops = vi.spyOn(globalThis, 'clearTimeout').mockImplementation((timer) => {
    running.delete(timer);
    stop(timer);
  });
  onTestFinished(() => {
    begins.mockRestore();
    stops.mockRestore();
  });
  return seen;
}

it('one timer serves all connections of a manager, and keeps no program alive', async ({
  server,
  manager,
}) => {
  const before = activeResources()['Timeout'] ?? 0;
  const handlers = Array.from({ length: 50 }, () => new Recorder());
  const options = heartbeat(5_000);
  const connections = handlers.map((each) => manager.connect(server.port, server.host, each, options));
  const pool = manager.createPool('pool', () => new Recorder(), heartbeat(20_000));
  pool.addConnection(server.port, server.host);
  await Promise.all([...connections, ...pool].map((connection) => connection.ready()));
  const timers = watchTimers();
  await untilTrue(() => timers.begun >= 4);
  expect(timers.most).toBe(1);
  expect(activeResources()['Timeout'] ?? 0).toBeLessThanOrEqual(before);
  await manager.disconnectAll({ grace: 0 });
});
