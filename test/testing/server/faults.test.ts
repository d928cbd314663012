import { describe, expect, vi } from 'vitest';
import { OptionError } from '../../../src/primitives/errors.js';
import {
  echo,
  end,
  endAt,
  type Fault,
  garbage,
  greet,
  halfOpen,
  reset,
  resetAt,
  respond,
  type ServerConnection,
  silent,
  slow,
  stall,
} from '../../../src/testing/index.js';
import { type Client, type DialOptions, expectNoHandles, Line, transports, test, turns } from '../client.js';

expectNoHandles();

describe.each(transports)('over %s', (transport) => {
  const line = new Line(transport);
  /** What Node.js has taken from the kernel before a TLS socket can be stopped. */
  const mostTaken = line.isSecure ? 65_536 : 0;

  /** What the first two clients of a server read. */
  async function noise(): Promise<readonly string[]> {
    await using server = await line.start({ script: () => garbage(64) });
    const first = await line.dial(server).read(64);
    return [first, await line.dial(server).read(64)];
  }

  /** One connection to a server that treats it as told. */
  async function meet(
    fault: Fault | readonly Fault[],
    play: (client: Client, connection: ServerConnection) => Promise<void>,
    options: DialOptions = {},
  ): Promise<void> {
    await using server = await line.start({ script: () => fault });
    const client = line.dial(server, options);
    await play(client, await server.accept(1));
  }

  describe('a healthy connection', () => {
    test('echo() sends back every byte, and a FIN for a FIN', () =>
      meet(echo(), async (client, connection) => {
        client.socket.end('hello');
        expect(await client.closed).toEqual(['connect', 'data', 'end', 'close']);
        expect(client.chunks.join('')).toBe('hello');
        await connection.closed;
        expect([connection.received, connection.sent, connection.ended, connection.error]).toEqual([
          5,
          5,
          true,
          undefined,
        ]);
      }));

    test('echo() reads no further than a client that does not read; in the end all is sent back', () =>
      meet(echo(), async (client, connection) => {
        const bytes = Buffer.alloc(25_165_824, 'the quick brown fox');
        client.socket.pause();
        client.socket.end(bytes);
        await expect.poll(() => connection.socket.isPaused()).toBe(true);
        expect(connection.received).toBeLessThan(bytes.length);
        client.socket.resume();
        await client.closed;
        expect(Buffer.from(client.chunks.join(''), 'latin1').equals(bytes)).toBe(true);
      }));

    test('greet() speaks first, then echoes', () =>
      meet(greet('220 ready\r\n'), async (client) => {
        expect(await client.read(11)).toBe('220 ready\r\n');
        client.socket.write('EHLO');
        expect(await client.read(15)).toBe('220 ready\r\nEHLO');
      }));

    test('respond() sends what the function returns, and nothing for undefined', () =>
      meet(
        respond((chunk, { number }) => (chunk.toString() === 'ping' ? `pong ${number}` : undefined)),
        async (client, connection) => {
          client.socket.write('what');
          await connection.receive(4);
          client.socket.write('ping');
          expect(await client.read(6)).toBe('pong 1');
          expect(connection.sent).toBe(6);
        },
      ));
  });

  describe('the end at accept', () => {
    test('end() sends a FIN at once, and no answer', () =>
      meet(
        end(),
        async (client, connection) => {
          client.socket.once('end', () => client.socket.end('late'));
          expect(await client.closed).toEqual(['connect', 'end', 'close']);
          await connection.closed;
          expect([connection.received, connection.sent, connection.ended]).toEqual([4, 0, true]);
        },
        { allowHalfOpen: true },
      ));

    test('end() stays half open for as long as the client does', () =>
      meet(
        end(),
        async (client, connection) => {
          for (const word of ['one', 'two', 'three']) client.socket.write(word);
          expect((await connection.receive(11)).toString()).toBe('onetwothree');
          await turns(20);
          expect([connection.open, connection.ended, client.socket.closed]).toEqual([true, false, false]);
          client.socket.end();
          await connection.closed;
        },
        { allowHalfOpen: true },
      ));

    test('reset() sends a RST at once', () =>
      meet(reset(), async (client, connection) => {
        expect((await client.closed).slice(-2)).toEqual([line.reset, 'close']);
        if (!line.isOnPath) expect(client.events).not.toContain('end');
        if (line.isSecure) expect(client.events).toEqual(['connect', line.reset, 'close']);
        await connection.closed;
        expect([connection.received, connection.sent]).toEqual([0, 0]);
      }));

    test('a greeting before the end or the reset is read', async () => {
      await meet([greet('busy'), end()], async (client) => {
        expect(await client.closed).toEqual(['connect', 'data', 'end', 'close']);
        expect(client.chunks).toEqual(['busy']);
      });
      await meet([greet('busy'), reset()], async (client) => {
        expect(await client.closed).toEqual(['connect', 'data', line.reset, 'close']);
        expect(client.chunks).toEqual(['busy']);
      });
    });
  });

  describe('no answer', () => {
    test('silent() reads, answers no byte, and answers a FIN', () =>
      meet(silent(), async (client, connection) => {
        client.socket.write('anybody');
        await connection.receive(7);
        await turns(20);
        client.socket.end();
        expect(await client.closed).toEqual(['connect', 'end', 'close']);
        expect(connection.sent).toBe(0);
      }));

    test('stall() reads nothing, not even a FIN, until it is resumed by hand', () =>
      meet(stall(), async (client, connection) => {
        await new Promise((resolve) => client.socket.end(Buffer.alloc(65_536), () => resolve(undefined)));
        await turns(20);
        expect([connection.received, connection.ended]).toEqual([0, false]);
        expect(connection.socket.bytesRead).toBeLessThanOrEqual(mostTaken);
        connection.resume();
        await connection.receive(65_536);
        expect(await client.closed).toEqual(['connect', 'data', 'end', 'close']);
      }));

    test('stall() lets the buffers of the client fill up', () =>
      meet([greet('come in'), stall()], async (client, connection) => {
        const bytes = 33_554_432;
        client.socket.write(Buffer.alloc(bytes));
        await client.read(7);
        await turns(200);
        expect(client.socket.writableLength).toBeGreaterThan(0);
        expect(connection.socket.bytesRead).toBeLessThanOrEqual(mostTaken);
        connection.reset();
      }));

    test('halfOpen() echoes, but never answers a FIN', () =>
      meet(halfOpen(), async (client, connection) => {
        client.socket.end('bye');
        expect(await client.read(3)).toBe('bye');
        await expect.poll(() => connection.ended).toBe(true);
        await turns(20);
        expect([connection.open, client.events]).toEqual([true, ['connect', 'data']]);
        connection.end();
        expect(await client.closed).toEqual(['connect', 'data', 'end', 'close']);
      }));

    test('[silent(), halfOpen()] does neither', () =>
      meet([silent(), halfOpen()], async (client, connection) => {
        client.socket.end('bye');
        await connection.receive(3);
        await expect.poll(() => connection.ended).toBe(true);
        await turns(20);
        expect([connection.open, client.events]).toEqual([true, ['connect']]);
      }));
  });

  describe('the end at a byte', () => {
    test.each([
      ['in one write', ['abcdef']],
      ['before, at and after it', ['ab', 'c', 'def']],
    ])('endAt(3) answers three bytes, then a FIN (%s)', (_, writes) =>
      meet(
        endAt(3),
        async (client, connection) => {
          await writes.reduce(async (before, text) => {
            await before;
            client.socket.write(text);
            await turns(5);
          }, Promise.resolve());
          await expect.poll(() => client.events).toEqual(['connect', 'data', 'end']);
          expect(client.chunks.join('')).toBe('abc');
          client.socket.end();
          await connection.closed;
          expect([connection.received, connection.sent]).toEqual([6, 3]);
        },
        { allowHalfOpen: true },
      ),
    );

    test('endAt(3) goes on for as long as there were only two bytes', () =>
      meet(endAt(3), async (client, connection) => {
        client.socket.write('ab');
        expect(await client.read(2)).toBe('ab');
        await turns(20);
        expect([connection.open, client.events]).toEqual([true, ['connect', 'data']]);
        client.socket.write('c');
        expect(await client.closed).toEqual(['connect', 'data', 'end', 'close']);
      }));

    test('endAt() reads on to the FIN of the client, also after an answer that was too long to do so at once', () =>
      meet(
        [respond(() => Buffer.alloc(200_000)), slow({ bytes: 10_000 }), endAt(1)],
        async (client, connection) => {
          client.socket.write('x');
          await connection.receive(1);
          expect(connection.socket.isPaused()).toBe(true);
          client.socket.end(Buffer.alloc(1_000_000));
          await client.closed;
          await connection.closed;
          expect([connection.received, connection.sent]).toEqual([1_000_001, 200_000]);
          expect(client.chunks.join('').length).toBe(200_000);
        },
        { allowHalfOpen: true },
      ));

    test('resetAt(4) answers four bytes, then a RST, always', async () => {
      await using server = await line.start({ script: () => resetAt(4) });
      const clients = Array.from({ length: 50 }, () => line.dial(server));
      for (const client of clients) client.socket.write('abcdef');
      expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual(
        clients.map(() => ['connect', 'data', line.reset, 'close']),
      );
      expect(clients.map(({ chunks }) => chunks)).toEqual(clients.map(() => ['abcd']));
      expect(server.connections.map(({ sent }) => sent)).toEqual(clients.map(() => 4));
    });

    test('endAt(0) and resetAt(0) are end() and reset()', () => {
      expect(endAt(0).finish).toEqual(end().finish);
      expect(resetAt(0).finish).toEqual(reset().finish);
    });
  });

  describe('slices and noise', () => {
    test('slow() gives every slice a turn of its own', () =>
      meet(slow({ bytes: 3 }), async (client) => {
        client.socket.end('abcdefghij');
        expect(await client.closed).toEqual(['connect', 'data', 'end', 'close']);
        expect(client.chunks).toEqual(['abc', 'def', 'ghi', 'j']);
      }));

    test('slow() does not depend on the clock of the test', () =>
      meet(slow({ bytes: 3 }), async (client) => {
        vi.useFakeTimers();
        try {
          client.socket.write('abcdef');
          expect(await client.read(6)).toBe('abcdef');
        } finally {
          vi.useRealTimers();
        }
      }));

    test('slow() slices what other faults send', () =>
      meet([greet('hello'), respond(() => 'world'), slow({ bytes: 2 }), endAt(1)], async (client) => {
        await client.read(5);
        client.socket.write('?');
        expect(await client.closed).toEqual(['connect', 'data', 'end', 'close']);
        expect(client.chunks).toEqual(['he', 'll', 'o', 'wo', 'rl', 'd']);
      }));

    test('garbage() depends on the number of the connection only', async () => {
      const [one, two] = await noise();
      expect([one?.length, two?.length]).toEqual([64, 64]);
      expect(one).not.toBe(two);
      expect(new Set(one).size).toBeGreaterThan(32);
      expect(await noise()).toEqual([one, two]);
    });

    test('garbage() sends given bytes as they are, then echoes', () =>
      meet(garbage(Buffer.from([0, 255, 7])), async (client) => {
        await client.read(3);
        client.socket.write('x');
        expect(await client.read(4)).toBe('\0\xff\x07x');
      }));

    test.each([
      ['first', [endAt(2), resetAt(5)]],
      ['last', [resetAt(5), endAt(2)]],
    ])('the finish at the lowest byte holds (it stands %s)', (_, list) =>
      meet(list, async (client) => {
        client.socket.write('abcdef');
        expect(await client.closed).toEqual(['connect', 'data', 'end', 'close']);
        expect(client.chunks).toEqual(['ab']);
      }),
    );
  });
});

describe('faults as data', () => {
  test('they are frozen', () => {
    for (const fault of [echo(), end(), resetAt(3), garbage(1), slow({ bytes: 1 })]) {
      expect(Object.isFrozen(fault)).toBe(true);
      expect(Object.isFrozen(fault.finish ?? Object.freeze({}))).toBe(true);
    }
  });

  test.each<[string, () => unknown]>([
    ['endAt(-1)', () => endAt(-1)],
    ['resetAt(1.5)', () => resetAt(1.5)],
    ['garbage(-1)', () => garbage(-1)],
    ['greet(7)', () => greet(Object(7))],
    ['respond({})', () => respond(Object({}))],
    ['slow({ bytes: 0 })', () => slow({ bytes: 0 })],
    ['slow({})', () => slow(Object({}))],
    ['slow({ bytes, delay })', () => slow(Object({ bytes: 1, delay: 5 }))],
  ])('%s is refused', (_, make) => {
    expect(make).toThrow(OptionError);
  });
});
