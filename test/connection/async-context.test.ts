import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect } from 'vitest';
import type { Connection, Handler, ManagedSocket } from '../../src/index.js';
import type { FaultServer } from '../../src/testing/index.js';
import { it, until } from '../support/fixtures.js';

const callers = Array.from({ length: 20 }, (_, index) => index);
const storage = new AsyncLocalStorage<number>();

/** Notes the callbacks that did not run in the context of their `connect()`. */
class ContextHandler implements Handler {
  readonly calls: Set<string> = new Set();
  readonly wrong: string[] = [];
  readonly #caller = storage.getStore();

  onConnect(socket: ManagedSocket): Promise<void> {
    this.#note('onConnect');
    socket.write('ping');
    return Promise.resolve().then(() => this.#note('after the handshake'));
  }

  onReconnect(socket: ManagedSocket): Promise<void> {
    this.#note('onReconnect');
    socket.write('ping');
    return Promise.resolve();
  }

  onData(): void {
    this.#note('onData');
  }

  onReset(): void {
    this.#note('onReset');
    throw new Error('for onError');
  }

  onRetry(): void {
    this.#note('onRetry');
  }

  onClose(): void {
    this.#note('onClose');
  }

  onError(): void {
    this.#note('onError');
  }

  #note(callback: string): void {
    this.calls.add(callback);
    if (storage.getStore() !== this.#caller) this.wrong.push(`${callback} in ${storage.getStore()}`);
  }
}

type Made = (handler: ContextHandler) => Connection;

function inContext<T>(caller: number | undefined, call: () => T): T {
  return caller === undefined ? call() : storage.run(caller, call);
}

/** Connects each of 20 callers in a context of its own, lets all lose their server, and closes them from outside. */
async function live(server: FaultServer, make: Made): Promise<ContextHandler[]> {
  const handlers: ContextHandler[] = [];
  // The last is made outside, and is to see no store of another.
  const connections = [...callers, undefined].map((caller) =>
    inContext(caller, () => {
      const handler = new ContextHandler();
      handlers.push(handler);
      return make(handler);
    }),
  );
  const all = (callback: string) => (): boolean => handlers.every(({ calls }) => calls.has(callback));
  await until(all('onData'));
  await server.refuse();
  server.dropAll('reset');
  await until(() => handlers.some(({ calls }) => calls.has('onRetry')));
  await server.listen();
  await until(all('onReconnect'));
  await Promise.all(connections.map((connection) => connection.disconnect()));
  return handlers;
}

const expected = [
  'onConnect',
  'after the handshake',
  'onData',
  'onReset',
  'onError',
  'onReconnect',
  'onClose',
];

function check(handlers: readonly ContextHandler[]): void {
  expect(handlers.flatMap(({ wrong }) => wrong)).toEqual([]);
  for (const { calls } of handlers) expect([...calls]).toEqual(expect.arrayContaining(expected));
}

describe("a handler's callbacks run in the async context", () => {
  const options = { backoff: { initial: 1, max: 20 } };

  it('of its connect()', async ({ manager, server }) => {
    const make: Made = (handler) => manager.connect(server.port, server.host, handler, options);
    check(await live(server, make));
  });

  it('of its connect() to a name, which many look up at once', async ({ manager, server }) => {
    const make: Made = (handler) =>
      manager.connect(server.port, 'localhost', handler, { ...options, family: 4 });
    check(await live(server, make));
  });

  it('of its addConnection()', async ({ manager, server }) => {
    let given: ContextHandler;
    const pool = manager.createPool('p', () => given, options);
    const make: Made = (handler) => {
      given = handler;
      return pool.addConnection(server.port, server.host);
    };
    check(await live(server, make));
  });
});
