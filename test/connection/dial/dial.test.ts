import { BlockList, connect, type LookupFunction, type Socket } from 'node:net';
import type { LookupAddress } from 'node:dns';
import { afterEach, describe, expect, vi } from 'vitest';
import { constant, DialError, type ConnectionOptions } from '../../../src/index.js';
import { dialError } from '../../../src/connection/dial/dial-errors.js';
import { selfConnection } from '../../../src/connection/socket/self-connection.js';
import { pass, useFakeTime } from '../../support/fake-time.js';
import { it, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';

/** A lookup that answers every name with these addresses. */
function lookupOf(...addresses: LookupAddress[]): LookupFunction {
  return (_host, options, answer) => {
    const [first] = addresses;
    process.nextTick(() => {
      if (options.all) answer(null, addresses);
      else answer(null, first?.address ?? '', first?.family ?? 4);
    });
  };
}

const once: ConnectionOptions = { backoff: constant(60_000) };

describe('a dial', () => {
  afterEach(() => void vi.useRealTimers());

  it('is refused: ECONNREFUSED is the cause', async ({ server, manager }) => {
    await server.refuse();
    const handler = new Recorder();
    manager.connect(server.port, server.host, handler, once);
    await handler.until('retry');
    const [failure] = handler.failures;
    expect(failure?.error).toBeInstanceOf(DialError);
    expect(failure).toMatchObject({
      endpoint: { host: server.host, port: server.port },
      attempts: 1,
      delay: 60_000,
    });
    expect(failure?.error).toMatchObject({ code: 'CONNMAN_DIAL', cause: { code: 'ECONNREFUSED' } });
  });

  it('to a name that is not known: the error of the lookup is the cause', async ({ server, manager }) => {
    const handler = new Recorder();
    const lookup: LookupFunction = (_host, _options, answer) =>
      process.nextTick(() => answer(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), []));
    manager.connect(server.port, 'name.test', handler, { ...once, lookup });
    await handler.until('retry');
    expect(handler.failures[0]?.error.cause).toMatchObject({ code: 'ENOTFOUND' });
  });

  it('with a lookup that throws fails, and the next one goes on', async ({ server, manager }) => {
    const handler = new Recorder();
    const answers = lookupOf({ address: '127.0.0.1', family: 4 });
    let calls = 0;
    const lookup: LookupFunction = (...args) => {
      calls += 1;
      if (calls % 2 === 1) throw new Error('thrown by the lookup');
      answers(...args);
    };
    const connection = manager.connect(server.port, 'name.test', handler, { backoff: constant(0), lookup });
    await handler.until('connect');
    expect(handler.failures[0]?.error.cause).toMatchObject({ message: 'thrown by the lookup' });
    server.dropAll('reset');
    await handler.until('reconnect');
    expect(connection.stats()).toMatchObject({ dials: 4, failedDials: 2 });
  });

  it('that takes longer than connectTimeout fails, DNS included', async ({ server, manager }) => {
    useFakeTime();
    const handler = new Recorder();
    const connection = manager.connect(server.port, 'name.test', handler, {
      ...once,
      lookup: () => undefined,
    });
    await pass(9_999, 3_333);
    expect(connection.state).toBe('connecting');
    await pass(1, 1);
    await handler.until('retry');
    expect(handler.failures[0]?.error.cause).toMatchObject({ code: 'CONNMAN_TIMEOUT', timeout: 10_000 });
  });

  it('ignores the late answer of the lookup of the dial before it', async ({ server, manager }) => {
    const late: (() => void)[] = [];
    const asked: string[] = [];
    const lookup: LookupFunction = (host, options, answer) => {
      asked.push(host);
      late.push(() =>
        options.all ? answer(null, [{ address: '127.0.0.1', family: 4 }]) : answer(null, '127.0.0.1', 4),
      );
    };
    const handler = new Recorder();
    const connection = manager.connect(server.port, 'name.test', handler, { backoff: constant(0), lookup });
    connection.socket.destroy();
    await handler.until('retry');
    await until(() => asked.length === 2);
    late[0]?.();
    await new Promise(setImmediate);
    expect(connection.state).toBe('connecting');
    late[1]?.();
    await handler.until('connect');
    late[0]?.();
    late[1]?.();
    expect(server.accepted).toBe(1);
  });

  it('to several addresses that all fail says so for each', async ({ server, manager }) => {
    await server.refuse();
    const handler = new Recorder();
    const lookup = lookupOf({ address: '127.0.0.1', family: 4 }, { address: '127.0.0.2', family: 4 });
    manager.connect(server.port, 'name.test', handler, { ...once, lookup, autoSelectFamily: true });
    await handler.until('retry');
    const message = handler.failures[0]?.error.message;
    expect(message).toMatch(/ECONNREFUSED 127\.0\.0\.1:\d+; connect ECONNREFUSED 127\.0\.0\.2:\d+$/);
  });

  it('takes the first answer of a lookup that gives two, and no answer that is no address', async ({
    server,
    manager,
  }) => {
    const answers = ['nonsense', '127.0.0.1'];
    const lookup: LookupFunction = (_host, options, answer) => {
      const address = answers.shift() ?? '127.0.0.1';
      const twice = [address, '127.0.0.99'];
      for (const one of twice) {
        process.nextTick(() =>
          options.all ? answer(null, [{ address: one, family: 4 }]) : answer(null, one, 4),
        );
      }
    };
    const handler = new Recorder();
    const options = { backoff: constant(0), lookup, blockList: new BlockList() };
    const connection = manager.connect(server.port, 'name.test', handler, options);
    await handler.until('connect');
    expect(handler.failures[0]?.error.cause).toMatchObject({ code: 'ERR_INVALID_IP_ADDRESS' });
    expect(connection.socket.remoteAddress).toBe('127.0.0.1');
    expect(connection.stats().dials).toBe(2);
  });

  it('reaches no blocked address', async ({ server, manager }) => {
    const blockList = new BlockList();
    blockList.addAddress('127.0.0.1');
    blockList.addSubnet('::', 1, 'ipv6');
    const attempts: [string, LookupFunction?][] = [
      ['127.0.0.1'],
      ['one.test', lookupOf({ address: '127.0.0.1', family: 4 })],
      ['two.test', lookupOf({ address: '127.0.0.1', family: 4 }, { address: '::1', family: 6 })],
    ];
    for (const [host, lookup] of attempts) {
      const handler = new Recorder();
      const connection = manager.connect(server.port, host, handler, {
        backoff: constant(0),
        blockList,
        ...(lookup && { lookup }),
      });
      await handler.until('retry', 3);
      expect(handler.failures[0]?.error.cause).toMatchObject({ code: 'ERR_IP_BLOCKED' });
      await connection.disconnect();
    }
    expect(server.accepted).toBe(0);
    const allowed = new Recorder();
    const lookup = lookupOf({ address: '127.0.0.2', family: 4 }, { address: '127.0.0.1', family: 4 });
    blockList.addAddress('127.0.0.3');
    manager.connect(server.port, 'three.test', allowed, {
      ...once,
      lookup,
      blockList,
      autoSelectFamily: true,
    });
    await allowed.until('retry');
    expect(allowed.failures[0]?.error.message).toContain('127.0.0.2');
    expect(server.accepted).toBe(0);
  });

  it('binds to localAddress in every life', async ({ server, manager }) => {
    const handler = new Recorder();
    manager.connect(server.port, server.host, handler, { backoff: constant(0), localAddress: '127.0.0.9' });
    for (let life = 1; life <= 3; life += 1) {
      const peer = await server.accept(life);
      expect(peer.socket.remoteAddress).toBe('127.0.0.9');
      await handler.until(life === 1 ? 'connect' : 'reconnect', Math.max(1, life - 1));
      peer.reset();
      await handler.until('reset', life);
    }
  });

  it('that cannot bind fails like any other, once each time', async ({ server, manager }) => {
    const handler = new Recorder();
    const options = { backoff: constant(0), localAddress: '192.0.2.1', maxAttempts: 5 };
    const connection = manager.connect(server.port, server.host, handler, options);
    await handler.until('close');
    expect(handler.events).toEqual(['retry', 'retry', 'retry', 'retry', 'close']);
    expect(handler.failures[0]?.error.cause).toMatchObject({ code: 'EADDRNOTAVAIL', syscall: 'bind' });
    expect(connection.stats()).toMatchObject({ dials: 5, failedDials: 5, life: 0 });
  });

  it('that reaches the socket itself counts as refused', async ({ server }) => {
    await server.refuse();
    const options = {
      port: server.port,
      host: '127.0.0.1',
      localPort: server.port,
      localAddress: '127.0.0.1',
    };
    const itself = await new Promise<Socket>((resolve, reject) => {
      const socket = connect(options, () => resolve(socket)).once('error', reject);
    });
    expect(selfConnection(itself, server.port)).toMatchObject({ code: 'ECONNREFUSED' });
    itself.destroy();
    await server.listen();
  });

  it('that reaches the socket itself never is a life', async ({ server, manager }) => {
    await server.refuse();
    const handler = new Recorder();
    const options = { ...once, localPort: server.port, localAddress: server.host };
    const connection = manager.connect(server.port, server.host, handler, options);
    await handler.until('retry');
    expect(handler.failures[0]?.error.cause).toMatchObject({
      code: 'ECONNREFUSED',
      message: expect.stringContaining('itself') as string,
    });
    await connection.disconnect();
  });

  it('without any error says what happened', () => {
    expect(dialError({ host: '::1', port: 80 }, 'connect', 2, undefined).message).toBe(
      'dial to [::1]:80 failed (2 in a row): the socket was destroyed before it connected',
    );
  });
});

describe('the timeout option', () => {
  it("emits 'timeout' in every life and closes nothing", async ({ server, manager }) => {
    const handler = new Recorder();
    const { socket } = manager.connect(server.port, server.host, handler, {
      backoff: constant(0),
      timeout: 15,
    });
    let timeouts = 0;
    socket.on('timeout', () => (timeouts += 1));
    for (let life = 1; life <= 3; life += 1) {
      await handler.until(life === 1 ? 'connect' : 'reconnect', Math.max(1, life - 1));
      timeouts = 0;
      await until(() => timeouts === 1);
      expect(handler.count('reset')).toBe(life - 1);
      server.dropAll('end');
    }
  });
});
