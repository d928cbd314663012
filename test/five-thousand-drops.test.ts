import { describe, expect } from 'vitest';
import { echo, end, reset, startFaultServer, type FaultServer } from '../src/testing/index.js';
import { certificates } from './support/certificates.js';
import { it, type StartProgram } from './support/program.js';
import { perRing } from './support/per-ring.js';

/** Once it has dropped so often, a connection holds what it ever will. */
const warmUp = perRing({ short: 60, soak: 200, night: 500 });
const ofPlain = perRing({ short: 150, soak: 1_200, night: 5_000 });
const ofTls = perRing({ short: 40, soak: 150, night: 500 });
// Without the compilers, whose machine code is in the heap and grows by itself.
const flags = ['--expose-gc', '--no-opt', '--no-sparkplug', '--no-maglev', '--no-lazy-feedback-allocation'];

interface Run {
  readonly args: object;
  readonly ways: number;
  readonly drops?: number;
  /** What the heap may grow by, in bytes. */
  readonly growth: number;
  /** Whether one socket has all lives. */
  readonly isOneSocket?: boolean;
}

async function expectNothingHeld(
  start: StartProgram,
  server: FaultServer,
  { args, ways, growth, drops = ofPlain, isOneSocket = true }: Run,
): Promise<void> {
  // The kinds of connections that the program makes in turn; the fourth dial of four goes where nobody listens.
  const kinds = [end(), reset(), echo()] as const;
  server.script = (connection) => kinds[(connection - 1) % kinds.length] ?? echo();
  const program = start('drops', { warmUp, drops, ...args }, { flags });
  const before = await program.until('holds', 1);
  const after = await program.until('holds', 2);
  const told = await program.until('end');
  expect(told['lost']).toBeGreaterThanOrEqual(warmUp + drops);
  for (const count of Object.values(Object(told['counts'])))
    expect(count).toBeGreaterThanOrEqual(Math.floor(drops / ways));
  const resets = new Map<string, unknown>(Object.entries(Object(told['resets'])));
  for (const code of ['remote-end', 'handshake'])
    expect(resets.get(code)).toBeGreaterThanOrEqual(Math.floor(drops / ways));
  if (isOneSocket) expect(told['sockets'], 'one socket for all lives').toBe(1);
  expect(before).toMatchObject({
    heap: expect.any(Number),
    files: expect.any(Number),
    timers: expect.any(Number),
  });
  expect(before['listeners']).toBeGreaterThan(0);
  expect(after['files']).toBe(before['files']);
  expect(after['listeners']).toBe(before['listeners']);
  expect(after['timers']).toBe(before['timers']);
  expect(Number(after['heap']) - Number(before['heap']), 'growth of the heap').toBeLessThan(growth);
  expect(await program.exit).toEqual({ code: 0, signal: null });
}

const timed = { timeout: 240_000 };

describe('drops of one connection leave nothing behind', () => {
  it(`${ofPlain} over TCP`, timed, async ({ server, start }) => {
    const { port, host } = server;
    await expectNothingHeld(start, server, {
      args: { port, host, nowhere: '127.0.0.2' },
      ways: 4,
      growth: 100_000,
    });
  });

  it(`${ofPlain} over a Unix socket`, timed, async ({ socketPath, start }) => {
    await using server = await startFaultServer({ path: socketPath });
    await expectNothingHeld(start, server, { args: { path: socketPath }, ways: 3, growth: 100_000 });
  });

  it(`${ofTls} over TLS`, timed, async ({ start }) => {
    const { ca, localhost } = await certificates();
    await using server = await startFaultServer({ tls: localhost });
    const { port, host } = server;
    await expectNothingHeld(start, server, {
      args: { port, host, ca },
      ways: 3,
      drops: ofTls,
      growth: 500_000,
      isOneSocket: false,
    });
  });
});
