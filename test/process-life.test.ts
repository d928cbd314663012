import { describe, expect } from 'vitest';
import { startBlackHole } from '../src/testing/index.js';
import { it, type Program } from './support/program.js';

/** Longer than an idle machine needs, far shorter than any timer of connman's. */
const atOnce = 100;
// On a machine that is busy elsewhere a process may stand still for so long; a timer that is left fails every time.
const timed = { retry: 3 };

async function expectExit(program: Program): Promise<void> {
  expect(await program.exit).toEqual({ code: 0, signal: null });
  expect(program.complaints).toBe('');
}

describe('a program with nothing but a connection', () => {
  it.for([
    { action: 'nothing', delay: 1, dials: 20 },
    // So long a wait that it cannot be over when ref() is called.
    { action: 'unref() and ref()', delay: 200, dials: 2 },
  ])(
    'stays alive while it dials again and again ($action)',
    async ({ dials, ...args }, { server, start }) => {
      await server.refuse();
      const program = start('life', { port: server.port, host: server.host, state: 'waiting', ...args });
      await program.until('retry', dials - 1);
      expect(program.isRunning).toBe(true);
    },
  );

  it('stays alive while it is ready, and over a reconnect', async ({ server, start }) => {
    const program = start('life', {
      port: server.port,
      host: server.host,
      state: 'connected',
      action: 'nothing',
      delay: 0,
    });
    await program.until('acts');
    (await server.accept(1)).reset();
    await program.until('reconnected');
    (await server.accept(2)).end();
    await program.until('reconnected', 2);
    expect(program.isRunning).toBe(true);
  });
});

it('a program whose login can never succeed ends by itself, and dials no more', async ({ server, start }) => {
  const program = start('life', { port: server.port, host: server.host, state: 'refused', delay: 1 });
  await expectExit(program);
  expect(server.accepted).toBe(1);
});

describe.for(['connection.unref()', 'socket.unref()'])('%s lets the program end', (action) => {
  it('while it waits for the next dial', async ({ server, start }) => {
    await server.refuse();
    const program = start('life', { port: server.port, host: server.host, state: 'waiting', action });
    expect(await program.until('acts')).toMatchObject({ state: 'waiting' });
    await expectExit(program);
  });

  // Node.js itself keeps a program alive for a TCP dial under way, whatever unref() says: connectTimeout ends that.
  it('after a dial that nobody answers', async ({ start }) => {
    await using hole = await startBlackHole();
    const { port, host } = hole;
    const program = start('life', { port, host, state: 'connecting', action, connectTimeout: 300 });
    expect(await program.until('acts')).toMatchObject({ state: 'connecting' });
    await expectExit(program);
  });

  it('during a lookup that never answers', async ({ server, start }) => {
    const program = start('life', { port: server.port, state: 'lookup', action });
    expect(await program.until('acts')).toMatchObject({ state: 'connecting' });
    await expectExit(program);
  });

  it('during a handshake, and when ready', async ({ server, start }) => {
    const [handshaking, ready] = ['handshaking', 'connected'].map((state) =>
      start('life', { port: server.port, host: server.host, state, action }),
    ) as [Program, Program];
    expect(await handshaking.until('acts')).toMatchObject({ state: 'handshaking' });
    expect(await ready.until('acts')).toMatchObject({ state: 'ready' });
    await Promise.all([expectExit(handshaking), expectExit(ready)]);
  });
});

describe.for(['connection', 'socket'])('unref() of a %s', (of) => {
  it('holds when it was called before the first dial had succeeded', async ({ server, start }) => {
    const program = start('held', { port: server.port, host: server.host, of, until: 'connected' });
    await expectExit(program);
    expect(program.count('connected')).toBe(1);
  });

  it('holds after a reconnect', async ({ server, start }) => {
    const program = start('held', { port: server.port, host: server.host, of, until: 'reconnected' });
    await program.until('connected');
    (await server.accept(1)).reset();
    await expectExit(program);
    expect(program.told.map(({ event }) => event)).toEqual(['connected', 'reset', 'reconnected']);
  });

  it('holds after a dial that was refused', async ({ server, start }) => {
    await server.refuse();
    const program = start('held', { port: server.port, host: server.host, of, until: 'connected' });
    await program.until('waiting');
    await server.listen();
    await expectExit(program);
  });
});

describe('a program ends at once after disconnectAll()', () => {
  const action = 'disconnectAll()';

  async function expectEnd(program: Program, state: string): Promise<void> {
    expect(await program.until('acts')).toMatchObject({ state });
    await expectExit(program);
    expect((await program.until('exit'))['took']).toBeLessThan(atOnce);
  }

  it('in the wait for the next dial', timed, async ({ server, start }) => {
    await server.refuse();
    const program = start('life', { port: server.port, host: server.host, state: 'waiting', action });
    await expectEnd(program, 'waiting');
  });

  it('in a dial that nobody answers', timed, async ({ start }) => {
    await using hole = await startBlackHole();
    await expectEnd(
      start('life', { port: hole.port, host: hole.host, state: 'connecting', action }),
      'connecting',
    );
  });

  it('in a lookup that never answers', timed, async ({ server, start }) => {
    await expectEnd(start('life', { port: server.port, state: 'lookup', action }), 'connecting');
  });

  it.for([
    ['handshaking', 'handshaking'],
    ['connected', 'ready'],
    ['closing', 'closing'],
    ['closed', 'closed'],
  ] as const)('when the connection is %s', timed, async ([state, expected], { server, start }) => {
    await expectEnd(start('life', { port: server.port, host: server.host, state, action }), expected);
  });
});
