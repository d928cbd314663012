import { expect } from 'vitest';
import { it } from '../support/program.js';
import { perRing } from '../support/per-ring.js';

const acquires = perRing({ short: 50_000, soak: 300_000 });
const maxWaiters = 1_000;

it(
  `${acquires} acquires of a dead pool hold bounded memory, and each is told why`,
  { timeout: 240_000 },
  async ({ start }) => {
    const program = start(
      'dead-pool',
      { acquires, perTurn: 5_000, maxWaiters, acquireTimeout: 20 },
      { flags: ['--expose-gc'] },
    );
    const { outcomes, counters, growth, after, settled, mostWaiting } = await program.until('end');
    const {
      CONNMAN_QUEUE_FULL: refused,
      'CONNMAN_TIMEOUT because of CONNMAN_DIAL': timedOut,
      ...others
    } = outcomes as Record<string, number>;
    expect(others).toEqual({ CONNMAN_CLOSED: 3 });
    expect((refused ?? 0) + (timedOut ?? 0)).toBe(acquires);
    expect(settled).toBe(acquires + 3);
    expect(counters).toEqual({ timeouts: timedOut, refusals: refused, failedAcquires: 0, waits: timedOut });
    expect(mostWaiting).toBe(maxWaiters);
    expect(timedOut).toBeGreaterThanOrEqual(maxWaiters);
    expect(growth).toBeLessThan(16 * 2 ** 20);
    expect(after).toBeLessThan(4 * 2 ** 20);
    expect(await program.exit).toEqual({ code: 0, signal: null });
  },
);
