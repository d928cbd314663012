import { mock } from 'node:test';
import { afterEach, expect } from 'vitest';
import { constant, type DialFailure } from '../../src/index.js';
import { it, nextTurn } from '../support/fixtures.js';

afterEach(() => mock.reset());

// What docs/testing.md says of `node:test`, whose timers leave the clock alone.
it('passes in a program when node:test ticks, with performance.now() mocked as well', async ({
  server,
  manager,
}) => {
  await server.refuse();
  let now = performance.now();
  mock.timers.enable({ apis: ['setTimeout'] });
  mock.method(performance, 'now', () => now);
  const attempts: number[] = [];
  const handler = {
    onConnect: () => undefined,
    onRetry: (failure: DialFailure) => void attempts.push(failure.attempts),
  };
  manager.connect(server.endpoint, handler, { backoff: constant(60_000) });
  for (let turn = 0; turn < 200 && attempts.length < 4; turn += 1) {
    now += 60_000;
    mock.timers.tick(60_000);
    await nextTurn();
  }
  expect(attempts).toEqual([1, 2, 3, 4]);
  await manager.disconnectAll();
});
