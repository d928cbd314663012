import { describe, expect } from 'vitest';
import { constant, type ManagedSocket } from '../../src/index.js';
import { silent } from '../../src/testing/index.js';
import { it as channelIt } from '../support/channels.js';
import { until } from '../support/fixtures.js';
import { it as programIt } from '../support/program.js';
import { transports, withStage } from './socket/transports.js';

describe.for(transports)('writes that are refused over %s', (transport) => {
  channelIt('are counted, and told once for each outage', async ({ manager, channels }) => {
    const told = (): number[] => channels.of('connman:connection:write-refused').map(({ life }) => life);
    await withStage(transport, manager, {}, async (stage) => {
      const { connection } = stage;
      const refused = (): number => connection.stats().refusedWrites;
      expect(refused()).toBe(0);
      stage.socket.write('x');
      stage.socket.write('x', () => undefined);
      stage.socket.end('x');
      stage.socket.end();
      expect([refused(), told()]).toEqual([3, [0]]);
      const first = await stage.life(1);
      first.write('taken');
      await until(() => stage.handler.input[0] === 'taken');
      expect([refused(), told()]).toEqual([3, [0]]);
      first.end();
      first.write('x');
      await stage.handler.until('reset');
      first.write('x');
      expect([refused(), told()]).toEqual([5, [0, 1]]);
      const second: ManagedSocket = await stage.life(2);
      second.destroy();
      second.write('x');
      expect([refused(), told()]).toEqual([6, [0, 1, 2]]);
      await connection.disconnect({ grace: 0 });
      second.write('x');
      expect([refused(), told()]).toEqual([7, [0, 1, 2]]);
      const { id, pool, endpoint } = connection;
      expect(channels.of('connman:connection:write-refused')[0]).toEqual({ id, pool, endpoint, life: 0 });
      expect(channels.names.at(-1)).toBe('connection:close');
    });
  });
});

describe('writes that are refused', () => {
  channelIt(
    'are summed up in a pool, also those of connections that have left',
    async ({ server, manager }) => {
      const pool = manager.createPool('p', () => ({ onConnect() {} }), { backoff: constant(0) });
      const [first, second] = [pool.addConnection(server.endpoint), pool.addConnection(server.endpoint)];
      first.socket.write('x');
      second.socket.write('x');
      second.socket.write('x');
      await pool.ready();
      expect(pool.stats().refusedWrites).toBe(3);
      await pool.removeConnection(second);
      expect(pool.stats().refusedWrites).toBe(3);
      second.socket.write('x');
      expect([pool.stats().refusedWrites, second.stats().refusedWrites]).toEqual([4, 3]);
      await pool.disconnect();
      expect(pool.stats().refusedWrites).toBe(4);
    },
  );
});

describe('a program that writes too early', () => {
  const canary = 'canary-5e2c';
  const environment = { NODE_DEBUG: 'connman' };

  programIt(
    'is warned once, whatever it does later, and reads one debug line an outage',
    async ({ server, start }) => {
      server.script = () => silent();
      const { port, host } = server;
      const program = start('early-writes', { port, host, canary }, { environment });
      await program.until('connected');
      (await server.accept(1)).end();
      await program.until('reset');
      await program.until('connected', 1);
      await until(() => server.accepted >= 3);
      for (const each of server.connections) each.write('end');
      expect(await program.exit).toEqual({ code: 0, signal: null });
      const warnings = program.told.filter(({ event }) => event === 'warning');
      expect(warnings).toEqual([
        {
          event: 'warning',
          name: 'ConnmanWarning',
          code: 'CONNMAN_NOT_READY',
          message: `a write to ${host}:${port} came before the first life of its connection, so nothing was sent: wait for ready(), or write in onConnect`,
          stack: expect.stringContaining('early-writes.cjs') as string,
        },
      ]);
      const lines = program.complaints.split('\n').filter((line) => line.includes('a write was refused'));
      expect(lines.map((line) => line.replace(/^.*?Z /, ''))).toEqual([
        `connection 1 ${host}:${port}: a write was refused (connecting)`,
        `connection 2 ${host}:${port}: a write was refused (waiting)`,
        expect.stringMatching(/^connection 1 .*: a write was refused \(waiting\), life 1$/),
      ]);
      expect(program.complaints).not.toContain(canary);
    },
  );

  programIt('is not warned where a callback tells it', async ({ server, start }) => {
    server.script = () => silent();
    const { port, host } = server;
    const program = start('early-writes', { port, host, canary, callback: true });
    await program.until('refused');
    await program.until('connected');
    (await server.accept(1)).write('end');
    expect(await program.exit).toEqual({ code: 0, signal: null });
    expect(program.count('warning')).toBe(0);
  });
});
