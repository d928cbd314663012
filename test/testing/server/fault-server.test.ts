import { describe, expect } from 'vitest';
import { ClosedError, OptionError } from '../../../src/primitives/errors.js';
import { end, greet, silent, startFaultServer, stall } from '../../../src/testing/index.js';
import { dial, expectNoHandles, handles, Line, transports, test, turns } from '../client.js';

expectNoHandles();

describe.each(transports)('over %s', (transport) => {
  const line = new Line(transport);

  describe('connections', () => {
    test('are numbered in order of acceptance, and the script is asked once for each', async () => {
      const asked: number[] = [];
      await using server = await line.start({
        script: (n) => {
          asked.push(n);
          return greet(`number ${n}`);
        },
      });
      expect(await line.dial(server).read(8)).toBe('number 1');
      expect(await line.dial(server).read(8)).toBe('number 2');
      expect(await line.dial(server).read(8)).toBe('number 3');
      expect(asked).toEqual([1, 2, 3]);
      expect(server.accepted).toBe(3);
      expect(server.connections.map(({ number }) => number)).toEqual([1, 2, 3]);
    });

    test('accept() resolves with a connection to come, and with one that is there', async () => {
      await using server = await line.start();
      const second = server.accept(2);
      line.dial(server);
      const first = await server.accept(1);
      line.dial(server);
      expect((await second).number).toBe(2);
      expect(await server.accept(1)).toBe(first);
    });

    test('a new script holds for later connections only', async () => {
      await using server = await line.start({ script: () => silent() });
      const old = line.dial(server);
      await server.accept(1);
      server.script = () => end();
      expect(await line.dial(server).closed).toEqual(['connect', 'end', 'close']);
      old.socket.write('still there?');
      await (await server.accept(1)).receive(12);
      await turns(5);
      expect(old.events).toEqual(['connect']);
    });

    test('keep what they counted after they have closed', async () => {
      await using server = await line.start();
      line.dial(server).socket.end('abc');
      const connection = await server.accept(1);
      await connection.closed;
      expect([connection.received, connection.sent, connection.ended, connection.open]).toEqual([
        3,
        3,
        true,
        false,
      ]);
      expect(connection.receivedBytes().toString()).toBe('abc');
    });
  });

  describe('received bytes', () => {
    test('receive() and until() resolve with exactly the bytes asked for', async () => {
      await using server = await line.start();
      const client = line.dial(server);
      const connection = await server.accept(1);
      const five = connection.receive(5);
      const request = connection.until('\r\n');
      client.socket.write('GET ');
      await connection.receive(4);
      client.socket.write('key\r');
      await connection.receive(8);
      client.socket.write('\nGET next\r\n');
      expect((await five).toString()).toBe('GET k');
      expect((await request).toString()).toBe('GET key\r\n');
      expect((await connection.until('\r\n', 9)).toString()).toBe('GET next\r\n');
    });

    test('what can no longer come is rejected, also after the close', async () => {
      await using server = await line.start();
      const client = line.dial(server);
      const connection = await server.accept(1);
      const tooMuch = connection.receive(100);
      const never = connection.until('never');
      client.socket.end('abc');
      await expect(tooMuch).rejects.toThrow(ClosedError);
      await expect(never).rejects.toThrow('connection 1, waiting for "never": the peer has sent a FIN');
      await connection.closed;
      await expect(connection.receive(4)).rejects.toThrow(ClosedError);
      expect((await connection.receive(3)).toString()).toBe('abc');
    });

    test('only the first keepBytes are kept, all are counted', async () => {
      await using server = await line.start({ keepBytes: 4 });
      const client = line.dial(server);
      const connection = await server.accept(1);
      client.socket.write('abc');
      await connection.receive(3);
      client.socket.write('defgh');
      expect((await connection.receive(8)).toString()).toBe('abcd');
      expect([connection.received, connection.receivedBytes().toString()]).toEqual([8, 'abcd']);
      client.socket.end();
      await expect(connection.until('ef')).rejects.toThrow(ClosedError);
    });

    test('are copies', async () => {
      await using server = await line.start();
      line.dial(server).socket.write('abc');
      const connection = await server.accept(1);
      (await connection.receive(3)).fill('x');
      expect(connection.receivedBytes().toString()).toBe('abc');
    });
  });

  describe('by hand', () => {
    test('write() and end() send, and the echo stays silent after the end', async () => {
      await using server = await line.start();
      const client = line.dial(server, { allowHalfOpen: true });
      const connection = await server.accept(1);
      connection.write('hello');
      connection.end();
      connection.end();
      await client.read(5);
      client.socket.end('more');
      expect(await client.closed).toEqual(['connect', 'data', 'end', 'close']);
      await connection.closed;
      expect([client.chunks.join(''), connection.received, connection.error]).toEqual([
        'hello',
        4,
        undefined,
      ]);
    });

    test('reset() resets at once: it does not wait for a client that does not read', async () => {
      await using server = await line.start();
      const client = line.dial(server);
      const connection = await server.accept(1);
      client.socket.pause();
      connection.write(Buffer.alloc(33_554_432));
      await turns(5);
      expect(connection.socket.writableLength).toBeGreaterThan(0);
      connection.reset();
      connection.reset();
      await connection.closed;
      client.socket.resume();
      await client.closed;
      expect(client.chunks.join('').length).toBeLessThan(connection.sent);
    });

    test('a paused connection does not answer until it is resumed', async () => {
      await using server = await line.start();
      const client = line.dial(server);
      const connection = await server.accept(1);
      connection.pause();
      client.socket.write('abc');
      await turns(20);
      expect([connection.received, connection.paused]).toEqual([0, true]);
      connection.resume();
      expect(await client.read(3)).toBe('abc');
    });

    test.each([
      ['end', ['connect', 'end', 'close']],
      ['reset', ['connect', line.reset, 'close']],
    ] as const)("dropAll('%s') drops every open connection, and no later one", async (how, seen) => {
      await using server = await line.start();
      const clients = [line.dial(server), line.dial(server), line.dial(server)];
      await server.accept(3);
      await expect.poll(() => clients.every(({ events }) => events.length === 1)).toBe(true);
      server.dropAll(how);
      expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual(clients.map(() => seen));
      const later = line.dial(server);
      later.socket.write('x');
      expect(await later.read(1)).toBe('x');
    });

    test("dropAll('reset') is a RST to a peer in this process, also right after an answer, and nothing follows", async () => {
      await using server = await line.start();
      const client = line.dial(server);
      client.socket.write('hello');
      const connection = await server.accept(1);
      await connection.until('hello');
      connection.write('1');
      server.dropAll('reset');
      connection.write('2');
      expect(await client.closed).toEqual(['connect', 'data', line.reset, 'close']);
      expect(client.chunks.join('')).not.toContain('2');
      expect(connection.open).toBe(false);
    });
  });

  describe('close()', () => {
    test('leaves no handle, whatever was open; again does nothing', async () => {
      const before = handles();
      const server = await line.start({ script: (n) => (n === 2 ? stall() : []) });
      const clients = [line.dial(server), line.dial(server), line.dial(server)];
      await server.accept(3);
      await server.refuse();
      expect(server.close()).toBe(server.close());
      await server.close();
      await Promise.all(clients.map(({ closed }) => closed));
      expect(handles()).toEqual(before);
      expect(server.connections.map(({ open }) => open)).toEqual([false, false, false]);
    });

    test('has let go of the listener when it resolves', async () => {
      const before = handles();
      const server = await line.start();
      await server.close();
      expect(handles()).toEqual(before);
    });

    test('rejects what is awaited, and listen() after it', async () => {
      const server = await line.start();
      const never = server.accept(1);
      const closing = server.close();
      await expect(never).rejects.toThrow('waiting for connection 1: the server has closed');
      await expect(server.listen()).rejects.toThrow(ClosedError);
      await closing;
    });

    test('holds against a listen() that is under way', async () => {
      const server = await line.start();
      await server.refuse();
      const listening = server.listen();
      await server.close();
      await listening;
      expect(await line.dial(server).closed).toEqual([line.isOnPath ? 'ENOENT' : 'ECONNREFUSED', 'close']);
    });
  });
});

test('a connection knows the error of the client that resets it', async () => {
  await using server = await startFaultServer();
  const client = dial(server);
  const connection = await server.accept(1);
  client.socket.resetAndDestroy();
  await connection.closed;
  expect([connection.error?.code, connection.ended]).toEqual(['ECONNRESET', false]);
});

describe('wrong input', () => {
  test.each([
    { port: -1 },
    { port: 65_536 },
    { port: '80' },
    { host: '' },
    { script: 'echo' },
    { keepBytes: -1 },
    { ports: 1 },
    null,
  ])('the options %o are refused at the call', (options) => {
    expect(() =>
      startFaultServer(Object(options) === options ? Object(options) : JSON.parse('null')),
    ).toThrow(OptionError);
  });

  test('arguments are checked too', async () => {
    await using server = await startFaultServer();
    dial(server);
    const connection = await server.accept(1);
    expect(() => server.accept(0)).toThrow(OptionError);
    expect(() => server.dropAll(Object('kill'))).toThrow(OptionError);
    expect(() => (server.script = Object('echo'))).toThrow(OptionError);
    expect(() => connection.receive(-1)).toThrow(OptionError);
    expect(() => connection.until('')).toThrow(OptionError);
  });
});
