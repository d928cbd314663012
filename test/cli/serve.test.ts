import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect } from 'vitest';
import { it, type Command } from './command.js';

async function portOf(serve: Command): Promise<number> {
  await serve.until(({ lines }) => lines.length > 0);
  return Number(/^(?:listening on|refusing dials to) 127\.0\.0\.1:(\d+)$/.exec(serve.lines[0] ?? '')?.[1]);
}

/** Sends a text, and resolves with what came and how it ended. */
async function exchange(port: number, sent: string): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.end(sent);
  return text(socket).catch((error: NodeJS.ErrnoException) => String(error.code));
}

describe('connman serve', () => {
  it.for([
    ['', 'hello', 'hello'],
    ['--greet 220', 'hello', '220\r\nhello'],
    ['--answer PONG', 'PING', 'PONG\r\n'],
    ['--silent', 'hello', ''],
    ['--end', 'hello', ''],
    ['--end-at 3', 'hello', 'hel'],
    ['--slow 1', 'hello', 'hello'],
    ['--garbage 0', 'hello', 'hello'],
    ['--greet a --end-at 2', 'hello', 'a\r\nhe'],
    ['--silent --first 0', 'hello', 'hello'],
  ] as const)('%s', async ([args, sent, received], { start }) => {
    const serve = start('serve', ...args.split(' ').filter(Boolean));
    expect(await exchange(await portOf(serve), sent)).toBe(received);
    await serve.until(({ output }) => / 1 closed, \d+ bytes read, \d+ sent/.test(output));
    serve.interrupt();
    expect(await serve.exit, serve.complaints).toBe(0);
    expect(serve.complaints).toBe('');
  });

  it('--reset', async ({ start }) => {
    const port = await portOf(start('serve', '--reset'));
    const [error]: unknown[] = await once(connect(port, '127.0.0.1'), 'error');
    expect(error).toMatchObject({ code: 'ECONNRESET' });
  });

  it('--refuse', async ({ start }) => {
    const port = await portOf(start('serve', '--refuse'));
    const [error]: unknown[] = await once(connect(port, '127.0.0.1'), 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('leaves no socket behind when its terminal is closed', async ({ socketPath, start }) => {
    const serve = start('serve', '--path', socketPath);
    await serve.until(({ lines }) => lines.length > 0);
    serve.child.kill('SIGHUP');
    expect(await serve.exit).toBe(0);
  });

  it('says when the port is taken', async ({ server, start }) => {
    const serve = start('serve', '--port', server.port);
    expect(await serve.exit).toBe(2);
    expect(serve.complaints).toMatch(/^connman serve: listen EADDRINUSE: .*\n$/);
  });
});
