import { BlockList, type LookupFunction } from 'node:net';
import { describe, expect } from 'vitest';
import { constant, type ConnectionOptions } from '../../../src/index.js';
import { end, startFaultServer } from '../../../src/testing/index.js';
import { certificates } from '../../support/certificates.js';
import { it } from '../../support/channels.js';
import { Recorder } from '../../support/recorder.js';

type Answer = (...args: readonly unknown[]) => void;

const here = { address: '127.0.0.1', family: 4 };
const boom = new Error('boom');

function fail(thrown: unknown): never {
  throw thrown;
}

class Hostile {
  get address(): string {
    return fail(boom);
  }
}

/** What a lookup does, and the cause of the failed dial. `single`: where one address is asked for, not a list. */
const troubles: { what: string; act: (answer: Answer) => unknown; cause: string; single?: boolean }[] = [
  { what: 'throws', act: () => fail(boom), cause: 'boom' },
  { what: 'throws nothing', act: () => fail(undefined), cause: 'undefined' },
  { what: 'answers, and throws', act: (answer) => (answer(null, [here]), fail(boom)), cause: 'boom' },
  { what: 'rejects', act: () => Promise.reject(boom), cause: 'boom' },
  { what: 'answers with an error', act: (answer) => answer(boom), cause: 'boom' },
  { what: 'answers with a text for an error', act: (answer) => answer('gone'), cause: 'gone' },
  { what: 'answers with an object for an error', act: (answer) => answer({}), cause: '[object Object]' },
  { what: 'answers nothing', act: (answer) => answer(), cause: 'got undefined' },
  { what: 'answers null', act: (answer) => answer(null, null), cause: 'got null' },
  { what: 'answers with an empty list', act: (answer) => answer(null, []), cause: 'found no address' },
  {
    what: 'answers with a list of nothing',
    act: (answer) => answer(null, [undefined]),
    cause: 'a list without any',
  },
  { what: 'answers with texts', act: (answer) => answer(null, ['127.0.0.1']), cause: 'a list without any' },
  {
    what: 'answers with names',
    act: (answer) => answer(null, [{ address: 'a.test', family: 4 }]),
    cause: 'a list without any',
  },
  {
    what: 'answers with a wrong family',
    act: (answer) => answer(null, [{ ...here, family: 6 }]),
    cause: 'a list without any',
  },
  {
    what: 'answers with a family in words',
    act: (answer) => answer(null, [{ ...here, family: 'IPv4' }]),
    cause: 'a list without any',
  },
  {
    what: 'answers with one address for a list',
    act: (answer) => answer(null, '127.0.0.1', 4),
    cause: 'got "127.0.0.1"',
  },
  { what: 'answers with hostile objects', act: (answer) => answer(null, [new Hostile()]), cause: 'boom' },
  { what: 'answers nothing', act: (answer) => answer(), cause: 'got undefined', single: true },
  {
    what: 'answers with a wrong family',
    act: (answer) => answer(null, '127.0.0.1', 6),
    cause: 'got family 6',
    single: true,
  },
  {
    what: 'answers without a family',
    act: (answer) => answer(null, '127.0.0.1'),
    cause: 'got family undefined',
    single: true,
  },
  {
    what: 'answers with a list for one address',
    act: (answer) => answer(null, [here]),
    cause: 'got an array',
    single: true,
  },
];

/** Each at once and later, with a block list and without. */
const manners = [false, true].flatMap((isLate) =>
  [false, true].flatMap((isBlocking) => troubles.map((trouble) => ({ trouble, isLate, isBlocking }))),
);

function optionsOf(lookup: LookupFunction, { single = false, isBlocking = false } = {}): ConnectionOptions {
  const blockList = new BlockList();
  blockList.addAddress('192.0.2.1');
  return {
    backoff: constant(0),
    lookup,
    ...(single && { autoSelectFamily: false }),
    ...(isBlocking && { blockList }),
  };
}

describe('a lookup', () => {
  it.for(manners)(
    'that $trouble.what makes the dial fail, with its cause (late: $isLate, one address: $trouble.single, block list: $isBlocking)',
    async ({ trouble, isLate, isBlocking }, { manager, server }) => {
      const { act, cause, single = false } = trouble;
      const waits = isLate && !/throws|rejects/.test(trouble.what);
      const handler = new Recorder();
      const lookup = ((_host: string, _options: object, answer: Answer) => {
        if (!waits) return act(answer);
        return void setImmediate(act, answer);
      }) as LookupFunction;
      manager.connect(server.port, 'name.test', handler, optionsOf(lookup, { single, isBlocking }));
      await handler.until('retry', 2);
      expect(handler.failures[0]).toMatchObject({ phase: 'lookup' });
      expect(handler.failures[0]?.error.message).toContain(cause);
      expect(server.accepted).toBe(0);
    },
  );

  it.for([false, true])(
    'whose first answer counts may answer twice, at once: %s',
    async (isLate, { manager, server }) => {
      const handler = new Recorder();
      const lookup = ((_host: string, _options: object, answer: Answer) => {
        const act = (): void => {
          answer(null, [here]);
          answer(boom);
          answer(null, undefined);
        };
        if (isLate) setImmediate(act);
        else act();
      }) as LookupFunction;
      await manager.connect(server.port, 'name.test', handler, optionsOf(lookup)).ready();
      expect(handler.failures).toEqual([]);
    },
  );

  it('may give some addresses that are none', async ({ manager, server }) => {
    const handler = new Recorder();
    const list = [undefined, { address: 'a.test', family: 4 }, { ...here, family: 6 }, here];
    const lookup = ((_host: string, _options: object, answer: Answer) =>
      answer(null, list)) as LookupFunction;
    await manager.connect(server.port, 'name.test', handler, optionsOf(lookup, { isBlocking: true })).ready();
    expect(handler.failures).toEqual([]);
  });

  it('that throws makes a dial over TLS fail, which leaves no socket', async ({ manager, server }) => {
    const handler = new Recorder();
    const lookup = ((_host: string, _options: object, answer: Answer) => {
      answer(null, [here]);
      throw boom;
    }) as LookupFunction;
    const { ca } = await certificates();
    manager.connect(server.port, 'name.test', handler, { ...optionsOf(lookup), tls: { ca } });
    await handler.until('retry', 3);
    expect(handler.failures[0]?.error.cause).toBe(boom);
    expect(server.accepted).toBe(0);
  });

  it.for([false, true])(
    'may disconnect, in the first dial as in a later one (over TLS: %s)',
    async (isSecure, { manager, channels }) => {
      const { ca, localhost } = await certificates();
      await using server = await startFaultServer({
        script: () => end(),
        ...(isSecure && { tls: localhost }),
      });
      const handler = new Recorder();
      for (const last of [1, 3]) {
        let asked = 0;
        const lookup = ((_host: string, _options: object, answer: Answer) => {
          asked += 1;
          if (asked === last) void connection.disconnect();
          answer(null, [here]);
        }) as LookupFunction;
        const connection = manager.connect(server.port, 'name.test', handler, {
          ...optionsOf(lookup),
          stableAfter: 0,
          ...(isSecure && { tls: { ca, servername: 'localhost' } }),
        });
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await connection.ready().catch(() => undefined);
        // oxlint-disable-next-line no-await-in-loop
        await handler.until('close', last === 1 ? 1 : 2);
        expect(connection).toMatchObject({ state: 'closed', life: last - 1, socket: { destroyed: true } });
        expect(channels.names.filter((name) => name.startsWith('connection')).slice(-3)).toEqual([
          'connection:dial',
          'connection:disconnect',
          'connection:close',
        ]);
      }
    },
  );
});
