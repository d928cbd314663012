import { describe, expect } from 'vitest';
import { silent } from '../../src/testing/index.js';
import { it, type Program } from '../support/program.js';

const canary = 'canary-8d1f';
const nowhere = '/nowhere/"x"\n.sock';

/** The lines of the debug log, without the name and the process in front. */
function lines({ complaints }: Program): string[] {
  return complaints
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^CONNMAN \d+: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, ''))
    .map((line) => line.replaceAll(/[\d.]+ m?s\b/g, '… s'));
}

describe('NODE_DEBUG=connman', () => {
  it('prints a line for each change of state, and no secret', async ({ server, start }) => {
    server.script = () => silent();
    const { port, host } = server;
    const args = { port, host, nowhere, pool: 'a "b"\nc', canary };
    const program = start('traced', args, { environment: { NODE_DEBUG: 'other,connman' } });
    await program.until('connected');
    await server.refuse();
    server.dropAll('end');
    await program.until('retry');
    await server.listen();
    await program.until('reconnected');
    (await server.accept(2)).write('end');
    expect(await program.exit).toEqual({ code: 0, signal: null });
    const first = String.raw`connection 1 of pool "a \"b\"\nc" ${host}:${port}: `;
    const second = String.raw`connection 2 "/nowhere/\"x\"\n.sock": `;
    const retries = Array.from({ length: program.count('retry') }, () => [
      `${first}waiting -> connecting (dial), life 1`,
      `${first}connecting -> waiting (dial-failed: connect, ECONNREFUSED), life 1`,
      `${first}… failed in a row, next dial in … s`,
    ]);
    const all = lines(program);
    const ofGates = all.filter((line) => line.startsWith('gate '));
    const others = all.filter((line) => !line.startsWith('gate '));
    expect(others.map((line) => line.replace(/\d+(?= failed in a row)/, '…'))).toEqual([
      `${first}waiting -> connecting (dial)`,
      `${first}connecting -> handshaking (connected), life 1`,
      `${first}handshaking -> ready (handshake-done), life 1`,
      `${first}ready -> waiting (life-ended: remote-end), life 1`,
      `${first}lost after … s (remote-end), next dial in … s, life 1`,
      ...retries.flat(),
      `${first}waiting -> connecting (dial), life 1`,
      `${first}connecting -> handshaking (connected), life 2`,
      `${first}handshaking -> ready (handshake-done), life 2`,
      `${first}ready -> closing (disconnect), life 2`,
      `${first}lost after … s (disconnect), life 2`,
      `${first}closing -> closed (socket-closed), life 2`,
      `${second}waiting -> connecting (dial)`,
      `${second}connecting -> closed (gave-up: connect, ENOENT)`,
    ]);
    expect(ofGates).toContain(
      `gate ${host}:${port}: up -> probing, window 1, 0 dialling, 1 waiting, next dial in … s`,
    );
    expect(program.complaints).not.toContain(canary);
  });

  it('is what it takes: without it, nothing is printed', async ({ server, start }) => {
    server.script = () => silent();
    const { port, host } = server;
    const args = { port, host, nowhere, pool: 'p', canary };
    const program = start('traced', args, { environment: { NODE_DEBUG: 'other' } });
    (await server.accept(1)).write('end');
    expect(await program.exit).toEqual({ code: 0, signal: null });
    expect(program.complaints).toBe('');
  });
});
