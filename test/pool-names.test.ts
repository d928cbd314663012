import { describe, expect } from 'vitest';
import {
  constant,
  OptionError,
  PoolExistsError,
  roundRobin,
  type ConnectionOptions,
  type Handler,
} from '../src/index.js';
import { handler } from './support/bad-arguments.js';
import { call, unchecked } from './support/call.js';
import { it } from './support/fixtures.js';
import { expectNothingDialled, expectOptionErrors, refusal } from './support/refusal.js';

const strange = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  ' ',
  'two\nlines',
  `"quoted"'s`,
  '\0',
  '🔌',
];

describe('the name of a pool', () => {
  it('is a string that is not empty', ({ manager }) => {
    const wrong = ['', 5, null, undefined, {}, Symbol('name')];
    expectOptionErrors('name', wrong, (name) => call(manager, 'createPool', name, () => handler));
  });

  it.for(strange)('may be %j', async (name, { manager, server }) => {
    expect(manager.getPool(name)).toBeUndefined();
    const pool = manager.createPool(name, () => handler, { backoff: constant(0) });
    expect(pool.name).toBe(name);
    expect(manager.getPool(name)).toBe(pool);
    pool.addConnection(server.port, server.host);
    await pool.ready();
    await pool.disconnect();
    expect(manager.getPool(name)).toBeUndefined();
  });

  it('changes no prototype', ({ manager }) => {
    for (const name of strange) manager.createPool(name, () => handler);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(manager.getPool('valueOf')).toBeUndefined();
    for (const other of [5, null, undefined, {}]) expect(call(manager, 'getPool', other)).toBeUndefined();
  });

  it('is taken until the pool is disconnected, and free from that moment', async ({ manager, server }) => {
    const first = manager.createPool('name', () => handler);
    first.addConnection(server.port, server.host);
    await first.ready();
    const error = refusal(() => manager.createPool('name', () => handler));
    expect(error).toBeInstanceOf(PoolExistsError);
    expect(error).toMatchObject({ code: 'CONNMAN_POOL_EXISTS', pool: 'name' });
    const gone = first.disconnect();
    const second = manager.createPool('name', () => handler);
    expect(manager.getPool('name')).toBe(second);
    await gone;
    await first.disconnect();
    expect(manager.getPool('name'), 'the end of the first takes nothing from the second').toBe(second);
  });
});

describe('the factory of a pool', () => {
  it('is a function', ({ manager }) => {
    const wrong = [undefined, null, 'x', 5, handler];
    expectOptionErrors('factory', wrong, (factory) => call(manager, 'createPool', 'name', factory));
    expect(manager.getPool('name')).toBeUndefined();
  });

  it('that returns nothing adds nothing', async ({ manager, server }) => {
    const pool = manager.createPool('name', () => unchecked<Handler>(undefined));
    expectOptionErrors('handler', [undefined], () => pool.addConnection(server.port, server.host));
    expect(pool.size).toBe(0);
    await expectNothingDialled(server, manager);
  });

  it('that throws adds nothing, and its error is thrown', async ({ manager, server }) => {
    const thrown = new Error('thrown by the factory');
    const pool = manager.createPool('name', () => {
      throw thrown;
    });
    expect(refusal(() => pool.addConnection(server.port, server.host))).toBe(thrown);
    expect(pool.size).toBe(0);
    await expectNothingDialled(server, manager);
  });
});

describe("the program's objects", () => {
  it('are not changed, and frozen ones do', async ({ manager, server }) => {
    const options: ConnectionOptions = Object.freeze({
      backoff: Object.freeze({ initial: 5 }),
      noDelay: undefined,
    });
    const endpoint = Object.freeze({ host: server.host, port: server.port });
    await manager.connect(endpoint, Object.freeze({ ...handler }), options).ready();
    expect(options).toEqual({ backoff: { initial: 5 }, noDelay: undefined });
  });

  it('may have "__proto__" as a key of their own: it is refused, and does no harm', async ({
    manager,
    server,
  }) => {
    const polluted: unknown = JSON.parse('{"__proto__":{"grace":1,"connectTimeout":"x"}}');
    const { port, host } = server;
    const pool = manager.createPool('pool', () => handler);
    const connection = manager.connect(port, host, handler);
    await connection.ready();
    const attempts = [
      () => call(manager, 'connect', port, host, handler, polluted),
      () => call(manager, 'createPool', 'another', () => handler, polluted),
      () => call(pool, 'addConnection', port, host, polluted),
      () => call(connection, 'disconnect', polluted),
      () => call(pool, 'disconnect', polluted),
      () => call(manager, 'disconnectAll', polluted),
    ];
    for (const attempt of attempts) expect(refusal(attempt)).toBeInstanceOf(OptionError);
    expect(Reflect.has({}, 'grace')).toBe(false);
    expect(connection.state).toBe('ready');
    expect(server.accepted).toBe(1);
  });

  it('may have a polluted prototype: what is inherited is no option', async ({ manager, server }) => {
    const options = unchecked<ConnectionOptions>(Object.create({ connectTimeout: 'x', noSuchOption: 1 }));
    await manager.connect(server.port, server.host, handler, options).ready();
    expect(server.accepted).toBe(1);
  });
});

describe('createPool()', () => {
  it('says what to pass instead of a class, and what perEndpoint needs', ({ manager }) => {
    class Client implements Handler {
      onConnect(): void {}
    }
    expect(() => call(manager, 'createPool', 'a', Client)).toThrow(
      'factory: expected a function that returns a handler, got a class (pass () => new …)',
    );
    expect(() => call(manager, 'createPool', 'a', () => handler, { perEndpoint: 2 })).toThrow(
      'options.discovery: expected a source of endpoints for perEndpoint, got none',
    );
    expect(() => call(manager, 'createPool', 'a', handler)).toThrow(
      'factory: expected a function that returns a handler, got an object',
    );
    expect(() => call(manager, 'createPool', 'a', () => handler, { pick: roundRobin })).toThrow(
      'random() or a function, got roundRobin (call it)',
    );
    expect(manager.getPool('a')).toBeUndefined();
  });
});
