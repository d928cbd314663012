import { describe, expect } from 'vitest';
import { respond, silent, startServerProcess } from '../../src/testing/index.js';
import { it, type Command } from './command.js';

const lines = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);

function says(text: string | RegExp): (command: Command) => boolean {
  return ({ complaints }) => (typeof text === 'string' ? complaints.includes(text) : text.test(complaints));
}

describe('connman pipe', () => {
  it('sends stdin, prints what comes, and ends with its answer', async ({ server, start }) => {
    const pipe = start('pipe', `127.0.0.1:${server.port}`);
    pipe.child.stdin.end('one\ntwo');
    expect(await pipe.exit, pipe.complaints).toBe(0);
    expect(pipe.output).toBe('one\ntwo');
    expect(pipe.complaints).toBe(`connman: connected to 127.0.0.1:${server.port}, life 1\n`);
  });

  it('prints an answer that comes after the end of stdin', async ({ server, start }) => {
    server.script = () => respond(() => undefined);
    const pipe = start('pipe', '--hold', `127.0.0.1:${server.port}`);
    pipe.child.stdin.end('question\n');
    const peer = await server.accept(1);
    await peer.until('question\n');
    peer.socket.end('answer\n');
    expect(await pipe.exit, pipe.complaints).toBe(0);
    expect(pipe.output).toBe('answer\n');
  });

  it('goes over a Unix socket', async ({ socketPath, start }) => {
    const serve = start('serve', '--path', socketPath);
    await serve.until(({ output }) => output.includes(`listening on ${socketPath}\n`));
    const pipe = start('pipe', socketPath);
    pipe.child.stdin.end('over a path\n');
    expect(await pipe.exit, pipe.complaints).toBe(0);
    expect(pipe.output).toBe('over a path\n');
    serve.interrupt();
    expect(await serve.exit).toBe(0);
  });

  it(
    '--hold brings every line that was read while the server was away for 2.5 s',
    { timeout: 30_000 },
    async ({ start }) => {
      await using server = await startServerProcess();
      const pipe = start('pipe', '--hold', `127.0.0.1:${server.port}`);
      pipe.write('line 1\n');
      await pipe.until(({ output }) => output === 'line 1\n');
      await server.kill();
      await pipe.until(says(/lost .* after .*: .*; next dial in /));
      const left = performance.now();
      for (const line of lines(2, 11)) pipe.write(`${line}\n`);
      await pipe.until(says(': ECONNREFUSED; next dial in '));
      while (performance.now() - left < 2_500) await new Promise((resolve) => setTimeout(resolve, 50));
      await server.restart();
      await pipe.until(({ output }) => output.includes('line 11\n'));
      pipe.child.stdin.end();
      expect(await pipe.exit, pipe.complaints).toBe(0);
      expect(pipe.output).toBe(`${lines(1, 11).join('\n')}\n`);
      expect(pipe.complaints).not.toContain('in flight');
    },
  );

  it('reports what was in flight, and does not send it again', async ({ server, start }) => {
    server.script = () => silent();
    const pipe = start('pipe', '--hold', `127.0.0.1:${server.port}`);
    pipe.write('first\nsecond\n');
    const peer = await server.accept(1);
    await peer.until('second\n');
    server.script = () => respond((chunk) => chunk);
    peer.reset();
    await pipe.until(says(/ECONNRESET; in flight: 2 lines \(13 bytes\); not sent again; next dial in /));
    pipe.write('third\n');
    const next = await server.accept(2);
    expect(String(await next.until('third\n'))).toBe('third\n');
    pipe.child.stdin.end();
    expect(await pipe.exit).toBe(1);
    expect(pipe.output).toBe('third\n');
  });

  it('--hold never tears a line', async ({ server, start }) => {
    const pipe = start('pipe', '--hold', `127.0.0.1:${server.port}`);
    pipe.write('one\ntw');
    await pipe.until(({ output }) => output === 'one\n');
    server.dropAll('reset');
    await pipe.until(says('life 2'));
    pipe.write('o\n');
    pipe.child.stdin.end();
    expect(await pipe.exit, pipe.complaints).toBe(0);
    expect(pipe.output).toBe('one\ntwo\n');
    expect(String((await server.accept(2)).receivedBytes())).toBe('two\n');
  });

  it('without --hold drops what is read while the link is down, and says so', async ({ server, start }) => {
    const pipe = start('pipe', `127.0.0.1:${server.port}`);
    await pipe.until(says('life 1'));
    await server.refuse();
    server.dropAll('end');
    await pipe.until(says('ECONNREFUSED'));
    pipe.write('gone\n');
    // Only what has been read can be dropped.
    await new Promise((resolve) => pipe.child.stdin.write('gone\n', resolve));
    await pipe.until(says('ECONNREFUSED'));
    pipe.child.stdin.end();
    expect(await pipe.exit).toBe(1);
    expect(pipe.output).toBe('');
    expect(pipe.complaints).toContain('2 lines (10 bytes) read while the link was down: not sent\n');
  });

  it('ends at Ctrl-C, and says what it still held', async ({ server, start }) => {
    const pipe = start('pipe', '--hold', `127.0.0.1:${server.port}`);
    pipe.write('torn');
    await pipe.until(says('life 1'));
    pipe.write(' line');
    await server.accept(1);
    pipe.interrupt();
    expect([0, 1]).toContain(await pipe.exit);
    expect(pipe.complaints).not.toContain('Error');
  });

  it('ends quietly when nobody reads any more', async ({ server, start }) => {
    const pipe = start('pipe', `127.0.0.1:${server.port}`);
    const peer = await server.accept(1);
    pipe.child.stdout.destroy();
    peer.write('one\n');
    expect(await pipe.exit).toBe(0);
    expect(pipe.complaints).toBe(`connman: connected to 127.0.0.1:${server.port}, life 1\n`);
  });
});
