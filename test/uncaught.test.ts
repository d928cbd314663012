import { describe, expect } from 'vitest';
import { it } from './support/program.js';

describe('an exception of a handler without onError', () => {
  it('is an uncaught exception, and ends a program that does not handle it', async ({ server, start }) => {
    const program = start('throwing', { port: server.port, host: server.host, callback: 'onData' });
    (await server.accept(1)).write('data');
    expect(await program.exit).toEqual({ code: 1, signal: null });
    expect(program.complaints).toContain('Error: thrown by onData');
    expect(program.complaints).toContain('throwing.cjs');
  });

  it.for([false, true])(
    'in onData leaves the life as it is (rejects: %s)',
    async (rejects, { server, start }) => {
      const args = { port: server.port, host: server.host, callback: 'onData', survives: true, rejects };
      const program = start('throwing', args);
      const serverSide = await server.accept(1);
      serverSide.write('one');
      expect(await program.until('uncaught')).toMatchObject({ message: 'thrown by onData', state: 'ready' });
      serverSide.write('two');
      await program.until('uncaught', 2);
      expect(serverSide.open).toBe(true);
      expect(program.isRunning).toBe(true);
    },
  );

  it.for([false, true])(
    'in onReset does not stop the reconnect (rejects: %s)',
    async (rejects, { server, start }) => {
      const args = { port: server.port, host: server.host, callback: 'onReset', survives: true, rejects };
      const program = start('throwing', args);
      await program.until('onConnect');
      (await server.accept(1)).reset();
      await program.until('onReconnect');
      (await server.accept(2)).end();
      await program.until('onReconnect', 2);
      expect(program.count('onReset')).toBe(2);
      await program.until('uncaught', 2);
    },
  );

  it.for([false, true])(
    'in onRetry does not stop the dials (rejects: %s)',
    async (rejects, { server, start }) => {
      await server.refuse();
      const args = { port: server.port, host: server.host, callback: 'onRetry', survives: true, rejects };
      const program = start('throwing', args);
      await program.until('uncaught', 3);
      await server.listen();
      await program.until('onConnect');
    },
  );

  it('in a handshake is none: it ends the life', async ({ server, start }) => {
    const args = { port: server.port, host: server.host, callback: 'onConnect', survives: true };
    const program = start('throwing', args);
    await program.until('onReconnect');
    expect(program.told.map(({ event }) => event)).toEqual(['onConnect', 'onReset', 'onReconnect']);
  });
});
