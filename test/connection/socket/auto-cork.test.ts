import { Socket } from 'node:net';
import { describe, expect, vi } from 'vitest';
import type { ManagedSocket } from '../../../src/index.js';
import { startFaultServer, type FaultServer } from '../../../src/testing/index.js';
import { it as programIt } from '../../support/program.js';
import { it, nextTurn, until } from '../../support/fixtures.js';
import { outcome } from '../../support/socket-probe.js';
import { withStage } from './transports.js';

const plain = ['TCP', 'a Unix socket'] as const;

type Handle = Record<string, (request: object, data: Buffer | Buffer[], ...rest: unknown[]) => number>;

/** What goes to the operating system from now on in this life: the chunks of each system call. */
function systemCalls(socket: Socket): string[][] {
  const calls: string[][] = [];
  const handle = (socket as unknown as { _handle: Handle })._handle;
  for (const name of ['writeBuffer', 'writev']) {
    const original = handle[name] as Handle[string];
    handle[name] = function (this: Handle, request, data, ...rest) {
      calls.push(Array.isArray(data) ? data.map(String) : [String(data)]);
      return original.call(this, request, data, ...rest);
    };
  }
  return calls;
}

function writeAll(socket: Socket, chunks: readonly string[]): boolean[] {
  return chunks.map((chunk) => socket.write(Buffer.from(chunk)));
}

/** The end of the turn, and no more. */
function endOfTurn(): Promise<void> {
  return new Promise((resolve) => process.nextTick(() => process.nextTick(resolve)));
}

const many = Array.from({ length: 20 }, (_, index) => `${index};`);

describe.each(plain)('autoCork over %s', (transport) => {
  it('sends the first write at once, and what follows it when the turn is over', async ({ manager }) => {
    await withStage(transport, manager, {}, async (stage) => {
      const socket = await stage.life(1);
      const calls = systemCalls(socket);
      for (let turn = 1; turn <= 3; turn += 1) {
        writeAll(socket, ['a']);
        expect(calls).toHaveLength(2 * turn - 1);
        expect(socket.writableLength).toBe(0);
        writeAll(socket, ['b', 'c']);
        expect(calls).toHaveLength(2 * turn - 1);
        await endOfTurn();
        expect(calls).toHaveLength(2 * turn);
      }
      expect(calls.slice(0, 2)).toEqual([['a'], ['b', 'c']]);
      await until(() => stage.handler.input[0] === 'abcabcabc');
    });
  });

  it('sends the first write of a burst with the others, if the last turn was a burst', async ({
    manager,
  }) => {
    await withStage(transport, manager, {}, async (stage) => {
      const socket = await stage.life(1);
      const calls = systemCalls(socket);
      let moment = performance.now();
      using clock = vi.spyOn(performance, 'now').mockImplementation(() => moment);
      writeAll(socket, many);
      await endOfTurn();
      writeAll(socket, many);
      await endOfTurn();
      expect(calls.map(({ length }) => length)).toEqual([1, 19, 20]);
      moment += 6;
      writeAll(socket, many);
      await endOfTurn();
      clock.mockRestore();
      expect(calls.map(({ length }) => length)).toEqual([1, 19, 20, 1, 19]);
      await until(() => stage.handler.input[0] === many.join('').repeat(3));
    });
  });

  it('with false, sends each write at once', async ({ manager }) => {
    await withStage(transport, manager, { options: { autoCork: false } }, async (stage) => {
      const socket = await stage.life(1);
      const calls = systemCalls(socket);
      writeAll(socket, ['a', 'b', 'c']);
      expect(calls).toEqual([['a'], ['b'], ['c']]);
    });
  });

  it('holds back nothing that would make write() return false', async ({ manager }) => {
    const options = { writableHighWaterMark: 100 };
    await withStage(transport, manager, { options }, async (stage) => {
      const socket = await stage.life(1);
      const calls = systemCalls(socket);
      const chunks = Array.from({ length: 10 }, (_, index) => String(index).repeat(30));
      const large = ['x'.repeat(99), 'y'.repeat(100), 'z'];
      const goesOn = writeAll(socket, [...chunks, ...large]);
      const bare = await connectBare(stage.server, options);
      // Whether it returns false for what the system has taken depends on the version of Node.js.
      expect(goesOn).toEqual(writeAll(bare, [...chunks, ...large]));
      expect(goesOn.slice(0, -2)).not.toContain(false);
      bare.destroy();
      expect(calls.map(({ length }) => length)).toEqual([1, 3, 3, 3, 1, 1, 1]);
      await until(() => stage.handler.input[0] === [...chunks, ...large].join(''));
    });
  });

  it('holds back nothing that would exceed maxBuffered', async ({ manager }) => {
    await withStage(transport, manager, { options: { maxBuffered: 50 } }, async (stage) => {
      const socket = await stage.life(1);
      writeAll(
        socket,
        Array.from({ length: 20 }, () => 'x'.repeat(30)),
      );
      writeAll(socket, ['y'.repeat(50), 'z'.repeat(51)]);
      socket.end(Buffer.alloc(50));
      await stage.handler.until('reset');
      expect(stage.handler.resets[0]?.code).toBe('local-end');
      await until(() => stage.server.connections[0]?.receivedBytes().length === 600 + 151);
    });
  });

  it('keeps to the corks of the program', async ({ manager }) => {
    await withStage(transport, manager, {}, async (stage) => {
      const socket = await stage.life(1);
      const calls = systemCalls(socket);
      writeAll(socket, ['a', 'b']);
      expect(socket.writableCorked).toBe(0);
      socket.cork();
      // As without the option, what was written before the cork has left.
      expect(calls).toEqual([['a'], ['b']]);
      writeAll(socket, ['c']);
      socket.cork();
      writeAll(socket, ['d']);
      socket.uncork();
      await endOfTurn();
      expect(socket.writableCorked).toBe(1);
      expect(calls).toEqual([['a'], ['b']]);
      socket.uncork();
      expect(calls).toEqual([['a'], ['b'], ['c', 'd']]);
      writeAll(socket, ['e', 'f', 'g']);
      socket.uncork();
      expect(calls.slice(3)).toEqual([['e'], ['f', 'g']]);
      socket.cork();
      await endOfTurn();
      expect(socket.writableCorked).toBe(1);
      socket.uncork();
      expect(socket.writableCorked).toBe(0);
    });
  });

  it('calls back in order, each write once', async ({ manager }) => {
    await withStage(transport, manager, {}, async (stage) => {
      const socket = await stage.life(1);
      const told: string[] = [];
      for (const chunk of many) socket.write(chunk, (error) => told.push(`${chunk}${error ?? ''}`));
      socket.end(() => told.push('end'));
      await stage.handler.until('reset');
      expect(told).toEqual([...many, 'end']);
      expect(stage.handler.resets[0]).toMatchObject({ code: 'local-end', unsentBytes: 0 });
    });
  });

  it('counts as unsent what cannot be sent any more', async ({ manager }) => {
    await withStage(transport, manager, {}, async (stage) => {
      const socket = await stage.life(1);
      await nextTurn();
      stage.server.dropAll('reset');
      const told: unknown[] = [];
      for (const chunk of ['x', 'of', 'one', 'life']) socket.write(chunk, (error) => told.push(error));
      await stage.handler.until('reset');
      expect(stage.handler.resets[0]?.unsentBytes).toBe(10);
      expect(told.map((error) => error instanceof Error)).toEqual([true, true, true, true]);
    });
  });

  it('throws back what Node.js would not write, and sends the rest', async ({ manager }) => {
    await withStage(transport, manager, {}, async (stage) => {
      const socket = await stage.life(1);
      socket.write('a');
      for (const chunk of [null, undefined, 5]) {
        expect(() => socket.write(chunk as never)).toThrow(/chunk|May not write null/);
      }
      socket.write('b');
      socket.write(new Uint8Array([99]));
      await until(() => stage.handler.input[0] === 'abc');
    });
  });

  /** What a program may do after its writes, and whether the life goes on. */
  const endings: Readonly<Record<string, (socket: Socket) => unknown>> = {
    'destroy()': (socket) => socket.destroy(),
    'destroy(error)': (socket) => socket.on('error', () => undefined).destroy(new Error('mine')),
    'end()': (socket) => socket.end(),
    'end(chunk)': (socket) => socket.end('d'),
    'destroySoon()': (socket) => socket.destroySoon(),
    ...(transport === 'TCP' && { 'resetAndDestroy()': (socket) => socket.resetAndDestroy() }),
    'cork(), a write and destroy()': (socket) => {
      socket.cork();
      socket.write('never');
      return socket.destroy();
    },
    'cork(), a write and end()': (socket) => {
      socket.cork();
      socket.write('late');
      return socket.end();
    },
  };

  it.for(Object.entries(endings))(
    'then %s: the peer gets what it gets of a bare socket',
    async ([, end], { manager }) => {
      await withStage(transport, manager, {}, async (stage) => {
        const socket = await stage.life(1);
        await play(socket, end);
        await stage.life(2);
        const bare = await connectBare(stage.server);
        await stage.server.accept(3);
        await play(bare, end);
        const [ours, , theirs] = stage.server.connections;
        await until(() => [ours, theirs].every((each) => each?.open === false));
        expect(ours?.receivedBytes().toString()).toBe(theirs?.receivedBytes().toString());
      });
    },
  );

  const ours: Readonly<Record<string, (socket: ManagedSocket, reset: () => void) => unknown>> = {
    'reset()': (_socket, reset) => reset(),
    'disconnect()': (socket) => socket.disconnect(),
    'disconnect() without grace': (socket) => socket.disconnect({ grace: 0 }),
  };

  it.for(Object.entries(ours))('then %s: the peer gets everything', async ([, end], { manager }) => {
    await withStage(transport, manager, {}, async (stage) => {
      const socket = await stage.life(1);
      writeAll(socket, ['a', 'b', 'c']);
      end(socket, () => stage.connection.reset());
      expect(socket.write('never')).toBe(false);
      await stage.handler.until('reset');
      await until(() => stage.server.connections[0]?.open === false);
      expect(stage.server.connections[0]?.receivedBytes().toString()).toBe('abc');
      expect(stage.handler.resets[0]?.unsentBytes).toBe(0);
    });
  });
});

async function connectBare(server: FaultServer, options: object = {}): Promise<Socket> {
  const socket = new Socket(options).resume();
  socket.connect(server.endpoint as { port: number });
  await outcome((done) => socket.once('connect', done));
  return socket;
}

async function play(socket: Socket, end: (socket: Socket) => unknown): Promise<void> {
  const closed = outcome((done) => socket.once('close', () => done()));
  writeAll(socket, ['a', 'b', 'c']);
  end(socket);
  await closed;
}

it('keeps the sockets of one turn apart', async ({ manager, server }) => {
  const inputs = ['', '', ''];
  const sockets = await Promise.all(
    inputs.map((_, index) =>
      manager
        .connect(server.endpoint, {
          onConnect: () => undefined,
          onData: (chunk: Buffer) => (inputs[index] += chunk.toString()),
        })
        .ready(),
    ),
  );
  for (const chunk of many) for (const [index, socket] of sockets.entries()) socket.write(`${index}${chunk}`);
  await until(() =>
    inputs.every((input, index) => input === many.map((chunk) => `${index}${chunk}`).join('')),
  );
});

describe('a program that ends', () => {
  programIt.for(['exit', 'exit later', 'exit listener', 'throw'])(
    'has sent what it has written (%s)',
    async (way, { start }) => {
      await using server = await startFaultServer();
      const program = start('exits', { port: server.port, host: server.host, way });
      await program.exit;
      const connection = await received(server);
      expect(connection).toBe(way === 'exit listener' ? 'abcdef' : 'abc');
    },
  );
});

async function received(server: FaultServer): Promise<string> {
  const connection = await server.accept(1);
  await until(() => !connection.open);
  return connection.receivedBytes().toString();
}
