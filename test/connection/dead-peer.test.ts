import { describe, expect } from 'vitest';
import { inPrivateNetwork, needsPrivateNetwork } from '../support/private-network.js';
import { it, type StartProgram, type Told } from '../support/program.js';
import { repeat } from '../support/repeat.js';
import { perRing } from '../support/per-ring.js';

const rounds = perRing({ short: 1, soak: 3 });
const heartbeat = { interval: 150, timeout: 150 };
const deadline = heartbeat.interval + heartbeat.timeout;
const connectTimeout = 200;

/** A program in which the fault happens so often, each time after something was answered; it has ended. */
async function run(
  start: StartProgram,
  fault: { readonly fault: string; readonly during: string },
  within: readonly string[] = [],
): Promise<(event: string) => readonly Told[]> {
  const program = start('dead-peer', { ...fault, rounds, heartbeat, connectTimeout }, { within });
  await program.until('end');
  expect(await program.exit).toEqual({ code: 0, signal: null });
  return (event) => program.told.filter((told) => told.event === event);
}

/**
 * Real time passes, on a machine that may be busy. Time in which the event loop of the program stood still, so that none
 * of its timers could come, is not counted; where there is none, this is exact.
 */
function expectOnTime(told: readonly Told[], limit: number): void {
  for (const { took, stalled, ...details } of told) {
    const message = `${JSON.stringify(details)} took ${Number(took)} ms, stood still for ${Number(stalled)} ms`;
    expect(Number(took) - Number(stalled), message).toBeLessThanOrEqual(limit + Math.max(50, limit * 0.05));
  }
}

function expectFound(found: readonly Told[], during: string): void {
  for (const { code, took, unanswered } of found) {
    expect(code).toBe('heartbeat');
    expect(Number(took), 'no verdict before its time').toBeGreaterThanOrEqual(deadline - 1);
    expect(Number(unanswered), 'bytes on their way').toBeGreaterThan(during === 'writing' ? 5_000 : 0);
  }
  expectOnTime(found, deadline);
}

/** After every fault a later life is answered, with what was written in that life and nothing else. */
function expectAnswers(told: readonly Told[]): void {
  expect(told).toHaveLength(rounds);
  for (const { life, token, answer } of told) {
    expect(token).toBe(`this is life ${Number(life)};`);
    expect(answer).toBe(token);
  }
  expect(new Set(told.map(({ life }) => life)).size).toBe(rounds);
}

describe('a peer whose packets are lost', () => {
  const fault = 'packets dropped';

  it.for(['idle', 'writing'])(
    'is found in time, but for the time in which the event loop stands still, and comes back (%s)',
    async (during, { start, skip }) => {
      needsPrivateNetwork({ skip });
      const told = await run(start, { fault, during }, inPrivateNetwork);
      expect(told('found').length).toBeGreaterThanOrEqual(rounds);
      expectFound(told('found'), during);
      expect(told('failed').length, 'dials meanwhile').toBeGreaterThanOrEqual(rounds);
      expectOnTime(told('failed'), connectTimeout);
      expectAnswers(told('answered'));
    },
  );

  it('ends a dial in time, but for the time in which the event loop stands still', async ({
    start,
    skip,
  }) => {
    needsPrivateNetwork({ skip });
    const told = await run(start, { fault, during: 'dial' }, inPrivateNetwork);
    expect(told('found')).toEqual([]);
    const failed = told('failed');
    expect(failed.length).toBeGreaterThanOrEqual(rounds);
    for (const { phase, cause } of failed) {
      expect({ phase, cause }).toEqual({ phase: 'connect', cause: 'TimeoutError' });
    }
    expectOnTime(failed, connectTimeout);
    expectAnswers(told('answered'));
  });
});

describe('a peer that is frozen', () => {
  it.skipIf(process.platform === 'win32').for(['idle', 'writing'])(
    'is found in time, but for the time in which the event loop stands still, and comes back (%s)',
    async (during, { start }) => {
      const told = await run(start, { fault: 'server stopped', during });
      // The kernel of a frozen peer goes on to complete dials: the lives after the first are found as well.
      expect(told('found').length).toBeGreaterThanOrEqual(2 * rounds);
      expectFound(told('found'), during);
      expect(told('failed')).toEqual([]);
      expectAnswers(told('answered'));
    },
  );
});

describe.skipIf(process.platform === 'win32')(
  'a program that is stopped for longer than its deadlines',
  () => {
    const patient = { interval: 100, timeout: 500 };
    const idleTimeout = 700;

    it('passes no verdict when it goes on before its peer does, and finds a frozen one afterwards', async ({
      start,
    }) => {
      const program = start('asleep', { heartbeat: patient, idleTimeout });
      const pid = Number((await program.until('server'))['pid']);
      await repeat(rounds, async (round) => {
        await program.until('read', program.count('read') + 2);
        // Before, and after, it has taken note of what it has read.
        await passes(30 * round);
        program.signal('SIGSTOP');
        process.kill(pid, 'SIGSTOP');
        // How long they sleep; not a wait for anything to happen.
        await passes(2 * idleTimeout);
        program.signal('SIGCONT');
        await passes(patient.interval);
        process.kill(pid, 'SIGCONT');
        await program.until('read', program.count('read') + 3);
      });
      expect(program.count('found')).toBe(0);
      program.signal('SIGUSR2');
      const found = await program.until('found');
      expect(found['code']).toBe('heartbeat');
      expectOnTime([found], patient.interval + patient.timeout);
    });
  },
);

function passes(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
