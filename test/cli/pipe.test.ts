import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { halfOpen, respond, silent, startServerProcess } from '../../src/testing/index.js';
import { certificates } from '../support/certificates.js';
import { until } from '../support/fixtures.js';
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
    pipe.write('first\ntorn');
    await pipe.until(({ output }) => output === 'first\n');
    pipe.interrupt();
    expect(await pipe.exit).toBe(1);
    const life = `connman: connected to 127.0.0.1:${server.port}, life 1\n`;
    expect(pipe.complaints).toBe(`${life}connman: 0 lines (4 bytes) held: not sent\n`);
  });

  it('ends at once at a second signal, whichever it is', async ({ server, start }) => {
    server.script = () => halfOpen();
    const pipe = start('pipe', `127.0.0.1:${server.port}`);
    pipe.write('hello\n');
    await pipe.until(({ output }) => output === 'hello\n');
    const peer = await server.accept(1);
    pipe.interrupt();
    await until(() => peer.ended);
    pipe.child.kill('SIGTERM');
    expect(await pipe.exit).toBe(null);
    expect(pipe.child.signalCode).toBe('SIGTERM');
  });

  it('reaches IPv6 addresses', async ({ start, skip }) => {
    skip(
      !Object.values(networkInterfaces())
        .flat()
        .some((each) => each?.address === '::1'),
      'no ::1 here',
    );
    const serve = start('serve', '--host', '::1');
    await serve.until(({ lines: [first = ''] }) => first.startsWith('listening on [::1]:'));
    const pipe = start('pipe', serve.lines[0]?.slice('listening on '.length) ?? '');
    pipe.child.stdin.end('hello');
    expect(await pipe.exit, pipe.complaints).toBe(0);
    expect(pipe.output).toBe('hello');
  });

  it('--tls verifies the certificate, and speaks TLS', async ({ start, onTestFinished }) => {
    const { ca, localhost } = await certificates();
    const folder = mkdtempSync(join(tmpdir(), 'connman-cli-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const [name, content] of Object.entries({ ...localhost, ca }))
      writeFileSync(join(folder, name), content);
    const serve = start('serve', '--key', join(folder, 'key'), '--cert', join(folder, 'cert'));
    await serve.until(({ lines: [first = ''] }) => first.startsWith('listening on '));
    const endpoint = serve.lines[0]?.slice('listening on '.length) ?? '';
    const stranger = start('pipe', '--tls', endpoint);
    await stranger.until(says(/: UNABLE_TO_VERIFY_LEAF_SIGNATURE; next dial in /));
    stranger.interrupt();
    expect(await stranger.exit).toBe(0);
    process.env['NODE_EXTRA_CA_CERTS'] = join(folder, 'ca');
    const pipe = start('pipe', '--tls', endpoint);
    delete process.env['NODE_EXTRA_CA_CERTS'];
    pipe.child.stdin.end('over TLS\n');
    expect(await pipe.exit, pipe.complaints).toBe(0);
    expect(pipe.output).toBe('over TLS\n');
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
