import { describe, expect } from 'vitest';
import type { Handler, TlsOptions } from '../src/index.js';
import {
  badEndpointLists,
  badEndpoints,
  badHandlers,
  badHosts,
  badPorts,
  handler,
} from './support/bad-arguments.js';
import { badOptions, badPoolOptions, coveredOptions, coveredPoolOptions } from './support/bad-options.js';
import { call, unchecked } from './support/call.js';
import { it } from './support/fixtures.js';
import { expectNothingDialled, expectOptionErrors, refusal } from './support/refusal.js';

const host = '127.0.0.1';

describe('connect() and addConnection()', () => {
  it('refuse wrong ports', async ({ manager, server }) => {
    const pool = manager.createPool('pool', () => handler);
    expectOptionErrors('port', badPorts, (port) => call(manager, 'connect', port, host, handler));
    expectOptionErrors('port', badPorts, (port) => call(pool, 'addConnection', port, host));
    expect(pool.size).toBe(0);
    await expectNothingDialled(server, manager);
  });

  it('refuse wrong hosts', async ({ manager, server }) => {
    const pool = manager.createPool('pool', () => handler);
    expectOptionErrors('host', badHosts, (each) => call(manager, 'connect', server.port, each, handler));
    expectOptionErrors('host', badHosts, (each) => call(pool, 'addConnection', server.port, each));
    expect(pool.size).toBe(0);
    await expectNothingDialled(server, manager);
  });

  it.for(badEndpoints)('refuse endpoints with a wrong %s', async ([option, wrong], { manager, server }) => {
    const pool = manager.createPool('pool', () => handler);
    expectOptionErrors(option, wrong, (endpoint) => call(manager, 'connect', endpoint, handler));
    expectOptionErrors(option, wrong, (endpoint) => call(pool, 'addConnection', endpoint));
    await expectNothingDialled(server, manager);
  });

  it.for(badEndpointLists)('refuse lists with wrong %s', async ([option, wrong], { manager, server }) => {
    const pool = manager.createPool('pool', () => handler);
    expectOptionErrors(option, wrong, (endpoints) => call(manager, 'connect', endpoints, handler));
    expectOptionErrors('endpoint', wrong, (endpoints) => call(pool, 'addConnection', endpoints));
    await expectNothingDialled(server, manager);
  });

  it.for(badHandlers)('refuse a wrong %s', async ([option, wrong], { manager, server }) => {
    expectOptionErrors(option, wrong, (each) => call(manager, 'connect', server.port, server.host, each));
    let made: unknown;
    const pool = manager.createPool<Handler>('pool', () => unchecked(made));
    expectOptionErrors(option, wrong, (each) => {
      made = each;
      pool.addConnection(server.port, server.host);
    });
    expect(pool.size).toBe(0);
    await expectNothingDialled(server, manager);
  });

  it('take no other options than those with wrong values in this test', ({ manager }) => {
    const { message } = refusal(() => call(manager, 'connect', 1, host, handler, { noSuchOption: 1 }));
    const known = /only the options (.*), got "noSuchOption"$/.exec(message)?.[1];
    expect(known?.split(', ').toSorted()).toEqual([...coveredOptions].toSorted());
  });
});

describe.for(['connect', 'addConnection', 'createPool'] as const)('%s()', (method) => {
  it.for(badOptions)('refuses wrong %s', async ([option, wrong], { manager, server }) => {
    const pool = manager.createPool('pool', () => handler);
    const attempts = {
      connect: (options: unknown) => call(manager, 'connect', server.port, server.host, handler, options),
      addConnection: (options: unknown) => call(pool, 'addConnection', server.port, server.host, options),
      createPool: (options: unknown) => call(manager, 'createPool', 'another', () => handler, options),
    };
    expectOptionErrors(option, wrong, attempts[method]);
    expect(manager.getPool('another')).toBeUndefined();
    expect(pool.size).toBe(0);
    await expectNothingDialled(server, manager);
  });
});

describe('createPool()', () => {
  it.for(badPoolOptions)('refuses wrong %s of a pool', ([option, wrong], { manager }) => {
    expectOptionErrors(option, wrong, (options) =>
      call(manager, 'createPool', 'pool', () => handler, options),
    );
    expect(manager.getPool('pool')).toBeUndefined();
  });

  it('takes no other options than those with wrong values in this test', ({ manager }) => {
    const { message } = refusal(() => call(manager, 'createPool', 'p', () => handler, { noSuchOption: 1 }));
    const known = /only the options (.*), got "noSuchOption"$/.exec(message)?.[1];
    expect(known?.split(', ').toSorted()).toEqual([...coveredOptions, ...coveredPoolOptions].toSorted());
  });

  it('does not give its own options to its connections', ({ manager, server }) => {
    const pool = manager.createPool('pool', () => handler, { maxWaiters: 5 });
    const add = (options: unknown): unknown => call(pool, 'addConnection', server.port, server.host, options);
    expectOptionErrors('options', [{ maxWaiters: 5 }, { discovery: [] }], add);
  });
});

it.for([[['h2', 'x']], [[Buffer.from('h2')]], [Buffer.from('\u0002h2\u0001x')]] as const)(
  'connect() takes ALPNProtocols as Node.js does: %o',
  ([ALPNProtocols], { manager, server }) => {
    const tls = unchecked<TlsOptions>({ ALPNProtocols });
    expect(manager.connect(server.port, server.host, handler, { tls }).state).toBe('connecting');
  },
);

describe('ways of reading that exclude each other', () => {
  const onread = { buffer: Buffer.alloc(1), callback: (): boolean => true };
  const reading = { ...handler, onData() {} };
  it.for([
    ['handler.onData', reading, { onread }],
    ['handler.onData', handler, { reuseReadBuffer: true }],
    ['options.reuseReadBuffer', reading, { onread, reuseReadBuffer: true }],
  ] as const)('are refused by %s', async ([option, each, options], { manager, server }) => {
    const pool = manager.createPool('pool', () => each, options);
    expectOptionErrors(option, [options], () => manager.connect(server.port, server.host, each, options));
    expectOptionErrors(option, [options], () => pool.addConnection(server.port, server.host));
    expect(pool.size).toBe(0);
    await expectNothingDialled(server, manager);
  });
});

describe('methods of a connection, a pool and a manager', () => {
  it('refuse wrong arguments, and the connection lives on', async ({ manager, server }) => {
    const connection = manager.connect(server.port, server.host, handler);
    const pool = manager.createPool('pool', () => handler);
    const socket = await connection.ready();
    const graces = [-1, 'x', NaN, null, Infinity].map((grace) => ({ grace }));
    for (const target of [connection, socket, pool]) {
      expectOptionErrors('options.grace', graces, (options) => call(target, 'disconnect', options));
      expectOptionErrors('options', [5, null, { Grace: 1 }], (options) =>
        call(target, 'disconnect', options),
      );
    }
    expectOptionErrors('options.grace', graces, (options) => call(manager, 'disconnectAll', options));
    expectOptionErrors('reason', ['string', 5, null, {}], (reason) => call(connection, 'reset', reason));
    expectOptionErrors('count', [-1, 1.5, 'x', null, NaN], (count) => call(pool, 'ready', count));
    expectOptionErrors('options.signal', [{ signal: 5 }], (options) => call(pool, 'ready', 0, options));
    expectOptionErrors('options.signal', [{ signal: 5 }], (options) => call(connection, 'ready', options));
    expectOptionErrors('connection', [connection, 5, undefined], (each) =>
      call(pool, 'removeConnection', each),
    );
    expect(connection.state).toBe('ready');
    expect(manager.getPool('pool')).toBe(pool);
    await connection.disconnect();
  });

  it.for([-1, 1.5, 99, 1, NaN, '0', 'length', undefined, null])(
    'refuse the index %o',
    (index, { manager, server }) => {
      const pool = manager.createPool('pool', () => handler);
      pool.addConnection(server.port, server.host);
      for (const method of ['getConnection', 'getHandler']) {
        const error = refusal(() => call(pool, method, index));
        expect(error).toBeInstanceOf(RangeError);
        expect(error.message).toMatch(/^index: expected \S.*, got \S+/);
      }
    },
  );
});
