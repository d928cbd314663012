import { describe, expect } from 'vitest';
import { startServerProcess, silent } from '../../src/testing/index.js';
import { it } from './command.js';

interface Line {
  readonly event: string;
  readonly time: string;
  readonly endpoint?: string;
  readonly cause?: string;
  readonly endpoints?: unknown;
}

function parse(line: string): Line {
  return JSON.parse(line);
}

describe('connman watch', () => {
  it('prints valid JSON line by line, and ends with 1 if one is down', async ({
    server,
    socketPath,
    start,
  }) => {
    const up = `127.0.0.1:${server.port}`;
    const watch = start('watch', '--json', '--ping', 'PING', '--every', 20, up, socketPath);
    await watch.until(({ output }) => output.includes('"up"') && output.includes('dial-failed'));
    await (await server.accept(1)).until('PING\r\nPING\r\n');
    watch.interrupt();
    expect(await watch.exit, watch.complaints).toBe(1);
    const lines = watch.lines.map(parse);
    expect(lines[0]).toMatchObject({ event: 'start', endpoints: [up, socketPath] });
    expect(lines.filter(({ time }) => !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(time))).toEqual([]);
    expect(lines.find(({ event }) => event === 'dial-failed')).toMatchObject({
      endpoint: socketPath,
      cause: 'ENOENT',
    });
    expect(lines.at(-1)).toMatchObject({
      event: 'summary',
      endpoints: [
        {
          endpoint: up,
          status: 'up',
          upPercent: 100,
          lives: 1,
          pings: { unanswered: 0, p50: expect.any(Number) },
        },
        {
          endpoint: socketPath,
          status: 'down',
          upPercent: 0,
          lives: 0,
          causes: { ENOENT: expect.any(Number) },
        },
      ],
    });
    expect(watch.complaints).toBe('');
  });

  it('shows when a server is lost, why, and when it is back, and ends with 0', async ({ server, start }) => {
    const watch = start('watch', `127.0.0.1:${server.port}`);
    await watch.until(({ output }) => / up +life 1,/.test(output));
    await server.refuse();
    server.dropAll('reset');
    await watch.until(({ output }) => / down +ECONNRESET, was up for .+; next dial in /.test(output));
    await watch.until(({ output }) => / down +ECONNREFUSED; next dial in /.test(output));
    await server.listen();
    await watch.until(({ output }) => / up +life 2, after .+ failed dial/.test(output));
    watch.interrupt();
    expect(await watch.exit, watch.complaints).toBe(0);
    expect(watch.output).toMatch(/ up +\d+\.\d % +2 +\d+ +ECONNRESET × 1, ECONNREFUSED × \d+\n$/);
    expect(watch.output).not.toContain('\u001B');
  });

  it('finds a server that freezes', { timeout: 30_000 }, async ({ start }) => {
    await using server = await startServerProcess();
    const watch = start('watch', '--ping', 'PING', '--every', 100, `127.0.0.1:${server.port}`);
    await watch.until(({ output }) => / up +life 1,/.test(output));
    await server.stop();
    await watch.until(({ output }) => / frozen +no-answer, was up for /.test(output));
    watch.interrupt();
    expect(await watch.exit, watch.complaints).toBe(1);
    expect(watch.lines.at(-1)).toMatch(/ frozen .* no-answer × \d/);
  });

  it('never takes a server for up that does not answer', async ({ server, start }) => {
    server.script = () => silent();
    const watch = start('watch', '--ping', '\\x01\\r', '--for', 1.5, `127.0.0.1:${server.port}`);
    expect(String(await (await server.accept(1)).receive(2))).toBe('\u0001\r');
    expect(await watch.exit).toBe(1);
    expect(watch.lines.at(-1)).toMatch(/ frozen +0\.0 % +0 /);
  });

  it('ends quietly when nobody reads any more', async ({ server, start }) => {
    const watch = start('watch', '--json', `127.0.0.1:${server.port}`);
    watch.child.stdout.once('data', () => watch.child.stdout.destroy());
    await watch.until(({ output }) => output.includes('\n'));
    await server.accept(1);
    server.dropAll('end');
    expect(await watch.exit).toBe(0);
    expect(watch.complaints).toBe('');
  });
});
