import { describe, expect } from 'vitest';
import { certificates } from '../support/certificates.js';
import { it, type Program } from '../support/program.js';
import { perRing } from '../support/per-ring.js';

const mebibyte = 2 ** 20;
const total = perRing({ short: 64, soak: 192 }) * mebibyte;
const maxBuffered = 16 * mebibyte;
const chunkSize = 65_536;
/** In turns, the reset is told in the middle of it, and later lives are flooded as well. */
const ways = [
  { way: 'in one go', perTurn: total, leastLives: 1 },
  { way: 'turn by turn', perTurn: mebibyte, leastLives: perRing({ short: 1, soak: 2 }) },
];
// The compilers' own memory comes and goes as they please; so does that for young objects.
const flags = ['--expose-gc', '--max-semi-space-size=1', '--no-opt', '--no-sparkplug', '--no-maglev'];

const timed = { timeout: 240_000 };

async function expectBounded(program: Program, leastLives: number): Promise<void> {
  const end = await program.until('end');
  expect(end['offered']).toBe(total);
  expect(end['life']).toBeGreaterThanOrEqual(leastLives);
  const resets = program.told.filter(({ event, code }) => event === 'reset' && code !== 'disconnect');
  expect(resets.length).toBeGreaterThanOrEqual(leastLives);
  for (const reset of resets) {
    expect(reset).toMatchObject({ code: 'max-buffered', error: 'CONNMAN_MAX_BUFFERED' });
    expect(reset['unsentBytes']).toBeGreaterThan(maxBuffered);
    expect(reset['unsentBytes']).toBeLessThanOrEqual(maxBuffered + chunkSize);
  }
  expect(end['growth'], 'what waited was held').toBeGreaterThan(maxBuffered * 0.75);
  expect(end['growth']).toBeLessThanOrEqual(maxBuffered + 8 * mebibyte);
  expect(await program.exit).toEqual({ code: 0, signal: null });
}

describe.skipIf(process.platform === 'win32')(`${total / mebibyte} MiB offered to a stopped peer`, () => {
  it.for(ways)(
    'takes as much memory as maxBuffered says ($way)',
    timed,
    async ({ perTurn, leastLives }, { start }) => {
      const program = start('flood', { options: { maxBuffered }, total, perTurn }, { flags });
      await expectBounded(program, leastLives);
    },
  );

  it.for(ways)('takes as much over TLS ($way)', timed, async ({ perTurn }, { start }) => {
    const { ca, localhost } = await certificates();
    const args = { options: { maxBuffered, tls: { ca } }, tls: localhost, total, perTurn };
    // No second life: a stopped peer takes part in no TLS handshake.
    await expectBounded(start('flood', args, { flags }), 1);
  });
});
