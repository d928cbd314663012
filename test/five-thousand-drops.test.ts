import { expect } from 'vitest';
import { echo, end, reset } from '../src/testing/index.js';
import { it } from './support/program.js';

const warmUp = 1_000;
const drops = 5_000;
// Without the compilers, whose machine code is in the heap and grows by itself.
const flags = ['--expose-gc', '--no-opt', '--no-sparkplug', '--no-maglev', '--no-lazy-feedback-allocation'];

it('5 000 drops of one connection leave nothing behind', { timeout: 60_000 }, async ({ server, start }) => {
  // The three kinds of connections that the program makes in turn; its fourth dial goes where nobody listens.
  const kinds = [end(), reset(), echo()] as const;
  server.script = (connection) => kinds[(connection - 1) % kinds.length] ?? echo();
  const { port, host } = server;
  const program = start('drops', { port, host, nowhere: '127.0.0.2', warmUp, drops }, flags);
  const before = await program.until('holds', 1);
  const after = await program.until('holds', 2);
  const told = await program.until('end');
  expect(told['lost']).toBeGreaterThanOrEqual(warmUp + drops);
  for (const count of Object.values(Object(told['counts']))) expect(count).toBeGreaterThanOrEqual(drops / 4);
  const resets = new Map<string, unknown>(Object.entries(Object(told['resets'])));
  for (const code of ['remote-end', 'handshake']) expect(resets.get(code)).toBeGreaterThanOrEqual(drops / 4);
  expect(told['sockets'], 'one socket for all lives').toBe(1);
  expect(before).toMatchObject({
    heap: expect.any(Number),
    files: expect.any(Number),
    timers: expect.any(Number),
  });
  expect(before['listeners']).toBeGreaterThan(0);
  expect(after['files']).toBe(before['files']);
  expect(after['listeners']).toBe(before['listeners']);
  expect(after['timers']).toBe(before['timers']);
  expect(Number(after['heap']) - Number(before['heap']), 'growth of the heap').toBeLessThan(100_000);
  expect(await program.exit).toEqual({ code: 0, signal: null });
});
