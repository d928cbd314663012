import { describe, expect } from 'vitest';
import { constant } from '../../src/index.js';
import { it, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const atOnce = { backoff: constant(0) };
const cause = new Error('thrown by the program');

/** What reaches the process as uncaught while `run` does, instead of failing the test run. */
async function uncaughtDuring(run: (uncaught: unknown[]) => Promise<void>): Promise<unknown[]> {
  const uncaught: unknown[] = [];
  const others = process.listeners('uncaughtException');
  for (const listener of others) process.off('uncaughtException', listener);
  const note = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', note);
  await run(uncaught);
  process.off('uncaughtException', note);
  for (const listener of others) process.on('uncaughtException', listener);
  return uncaught;
}

describe('what the program throws', () => {
  for (const name of ['onReset', 'onData', 'onRetry', 'onClose'] as const) {
    for (const how of ['throws', 'rejects'] as const) {
      it(`when ${name} ${how} goes to onError, and the connection goes on`, async ({ server, manager }) => {
        const handler = new Recorder();
        const inherited = handler[name].bind(handler) as (argument: never) => void;
        handler[name] = ((argument: never) => {
          inherited(argument);
          if (how === 'throws') throw cause;
          return Promise.reject(cause);
        }) as never;
        const connection = manager.connect(server.port, server.host, handler, atOnce);
        await handler.until('connect');
        connection.socket.write('x');
        await handler.until('data');
        await server.refuse();
        server.dropAll('reset');
        await handler.until('retry');
        await server.listen();
        await handler.until('reconnect');
        await connection.disconnect();
        await until(() => handler.count('close') === 1 && handler.count('error') > 0);
        for (const error of handler.errors) expect(error).toEqual({ error: cause, where: name });
        expect(handler.events.filter((event) => !['error', 'retry', 'data'].includes(event))).toEqual([
          'connect',
          'reset',
          'reconnect',
          'reset',
          'close',
        ]);
      });
    }
  }

  it('is thrown on a turn of its own when there is no onError', async ({ server, manager }) => {
    const handler = new Recorder();
    Object.assign(handler, { onError: undefined });
    const inherited = handler.onReset.bind(handler);
    handler.onReset = (reset) => {
      inherited(reset);
      throw cause;
    };
    const uncaught = await uncaughtDuring(async (seen) => {
      manager.connect(server.port, server.host, handler, atOnce);
      await handler.until('connect');
      server.dropAll('end');
      await handler.until('reconnect');
      await until(() => seen.length === 1);
      await manager.disconnectAll();
      await until(() => seen.length === 2);
    });
    expect(uncaught).toEqual([cause, cause]);
  });

  it('in onError itself, too', async ({ server, manager }) => {
    const handler = new Recorder();
    const worse = new Error('and another');
    handler.onData = () => {
      throw cause;
    };
    handler.onError = () => {
      throw worse;
    };
    const uncaught = await uncaughtDuring(async (seen) => {
      const connection = manager.connect(server.port, server.host, handler, atOnce);
      await handler.until('connect');
      connection.socket.write('x');
      await until(() => seen.length === 1);
      connection.socket.write('y');
      await until(() => seen.length === 2);
    });
    expect(uncaught).toEqual([worse, worse]);
  });
});
