import { describe, expect } from 'vitest';
import { LifeEndedError, type Lease } from '../../../src/index.js';
import { silent } from '../../../src/testing/index.js';
import { until } from '../../support/fixtures.js';
import { it } from '../../support/pool-of-one.js';
import type { Recorder } from '../../support/recorder.js';

/** Writes, and waits for the echo. */
async function ask({ handler, socket }: Lease<Recorder>, text: string): Promise<void> {
  socket.write(text);
  await until(() => handler.input[0]?.endsWith(text) === true);
}

const failureOf = (promise: Promise<unknown>): Promise<LifeEndedError> =>
  promise.then(
    () => expect.unreachable('it resolved'),
    (error: LifeEndedError) => error,
  );

describe('use() of work that gives another kind of promise', () => {
  const failure = new Error('from then');
  const fail = (): never => {
    throw failure;
  };
  /* oxlint-disable unicorn/no-thenable -- promises of another kind are what is tried */
  const kinds: readonly (readonly [string, unknown])[] = [
    ['throws in then()', { then: fail }],
    ['throws when then is read', Object.defineProperty({}, 'then', { get: fail })],
    ['rejects at once', { then: (_: unknown, reject: (error: Error) => void) => reject(failure) }],
  ];
  /* oxlint-enable unicorn/no-thenable */
  for (const [name, promise] of kinds) {
    it(`gives the lease back where that ${name}`, async ({ poolOfOne }) => {
      const pool = await poolOfOne();
      await expect(pool.use(() => promise)).rejects.toBe(failure);
      expect(pool.stats().leased).toBe(0);
    });
  }
});

describe('use() in a life that ends', () => {
  it('in the middle of the work rejects, and no server reads the second half', async ({
    poolOfOne,
    server,
  }) => {
    const pool = await poolOfOne();
    const used = pool.use(async (lease) => {
      await ask(lease, 'BEGIN;UPDATE 1;');
      server.dropAll('reset');
      await lease.handler.until('reset');
      lease.socket.write('UPDATE 2;COMMIT;');
      return 'committed';
    });
    const error = await failureOf(used);
    const [connection] = pool;
    expect(error).toBeInstanceOf(LifeEndedError);
    expect(error.message).toMatch(/outcome unknown.*life 1 with 127\.0\.0\.1:\d+ is over/);
    expect(error).toMatchObject({ result: 'committed', reset: connection?.handler.resets[0], pool: 'p' });
    expect(error.cause).toBeInstanceOf(Error);
    await pool.ready();
    const received = server.connections.map((each) => each.receivedBytes().toString());
    expect(received).toEqual(['BEGIN;UPDATE 1;', '']);
    expect(pool.stats()).toMatchObject({ leased: 0, interrupted: 1 });
  });

  it('rejects as well where the work writes before it can hear of the end', async ({ poolOfOne }) => {
    const pool = await poolOfOne();
    const used = pool.use(({ socket }) => {
      socket.destroy();
      socket.write('nobody reads this');
      return 5;
    });
    expect(await failureOf(used)).toMatchObject({ result: 5, reset: { code: 'local-end', life: 1 } });
  });

  it('rejects where the peer has ended, and the end is not over yet', async ({ poolOfOne, server }) => {
    server.script = () => silent();
    const pool = await poolOfOne();
    const used = pool.use(async ({ socket }) => {
      const accepted = await server.accept(1);
      const ended = new Promise((resolve) => socket.once('end', resolve));
      accepted.end();
      await ended;
      socket.write('nobody reads this');
    });
    expect(await failureOf(used)).toMatchObject({ code: 'CONNMAN_LIFE_ENDED', reset: { life: 1 } });
    await pool.ready();
  });

  it('after the last answer resolves: what was committed is', async ({ poolOfOne, server }) => {
    const pool = await poolOfOne();
    const result = await pool.use(async (lease) => {
      await ask(lease, 'COMMIT;');
      server.dropAll('reset');
      await lease.handler.until('reset');
      return 'committed';
    });
    expect(result).toBe('committed');
    await pool.ready();
    expect([...pool][0]?.life).toBe(2);
  });

  it('rejects with what the work throws', async ({ poolOfOne, server }) => {
    const pool = await poolOfOne();
    const failure = new Error('the real one');
    const used = pool.use(async ({ handler, socket }) => {
      server.dropAll('reset');
      await handler.until('reset');
      socket.write('x');
      throw failure;
    });
    await expect(used).rejects.toBe(failure);
    await pool.ready();
  });

  it('rejects `drain` ms later where the work hangs, and goes on with another connection', async ({
    poolOfOne,
    server,
  }) => {
    const pool = await poolOfOne({ drain: 30 });
    const [before] = pool;
    let lease: Lease<Recorder> | undefined;
    const used = pool.use((given) => {
      lease = given;
      server.dropAll('reset');
      return new Promise(() => undefined);
    });
    const error = await failureOf(used);
    expect(error).toBeInstanceOf(LifeEndedError);
    expect(error).toMatchObject({ result: undefined, reset: before?.handler.resets[0] });
    expect(error.message).toContain('outcome unknown');
    await pool.ready();
    expect([...pool]).not.toContain(before);
    const refused = new Promise((resolve) => lease?.socket.write('zombie', resolve));
    expect(await refused).toMatchObject({ code: 'CONNMAN_CLOSED' });
    expect(server.connections.map((each) => each.receivedBytes().toString())).toEqual(['', '']);
  });

  it('that hangs and settles late tells nobody once more', async ({ poolOfOne, server }) => {
    const pool = await poolOfOne({ drain: 1 });
    let fail: (error: Error) => void = () => undefined;
    const used = pool.use(() => {
      server.dropAll('reset');
      return new Promise<void>((_, reject) => (fail = reject));
    });
    expect(await failureOf(used)).toBeInstanceOf(LifeEndedError);
    fail(new Error('too late'));
    await pool.ready();
    expect(pool.stats()).toMatchObject({ leased: 0, size: 1 });
  });

  it('is not disturbed by the refused writes of others in an earlier life', async ({ poolOfOne, server }) => {
    const pool = await poolOfOne();
    const lease = await pool.acquire();
    const { socket, handler } = lease;
    server.dropAll('reset');
    await handler.until('reset');
    socket.write('refused');
    lease.release();
    await pool.ready();
    expect(await pool.use(() => 'done')).toBe('done');
  });
});
