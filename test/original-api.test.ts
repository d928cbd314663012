import { describe, expect } from 'vitest';
import { it } from './support/program.js';

const hundredPings = 'ping\r\n'.repeat(100);

describe('a program of 2012 with one connection', () => {
  it('gets a socket that works again after a reconnect, from callbacks without parameters', async ({
    server,
    start,
  }) => {
    const program = start('original-connection', { port: server.port, host: server.host });
    const first = await server.accept(1);
    await first.receive(hundredPings.length);
    expect((await program.until('use'))['isSocket']).toBe(true);
    first.reset();
    await program.until('stop');
    const second = await server.accept(2);
    expect((await second.receive(hundredPings.length)).toString()).toBe(hundredPings);
    expect(program.count('use')).toBe(2);
    expect(program.count('stop')).toBe(1);
  });

  it('gets what the server sends in onData', async ({ server, start }) => {
    const program = start('original-connection', { port: server.port, host: server.host });
    await (await server.accept(1)).receive(hundredPings.length);
    expect((await program.until('data'))['text']).toContain('ping\r\n');
  });

  it('ends by socket.disconnect(), and is not kept alive any more', async ({ server, start }) => {
    const program = start('original-connection', { port: server.port, host: server.host });
    const connection = await server.accept(1);
    await connection.receive(hundredPings.length);
    connection.write('bye');
    expect(await program.exit).toEqual({ code: 0, signal: null });
    expect(program.count('stop')).toBe(1);
    expect(server.accepted).toBe(1);
    expect(connection.ended).toBe(true);
  });
});

describe('a program of 2012 with pools', () => {
  it('makes, finds, fills, uses and disconnects them', async ({ server, start }) => {
    const program = start('original-pool', { port: server.port, host: server.host });
    expect(await program.exit).toEqual({ code: 0, signal: null });
    expect(program.complaints).toBe('');
    expect(await program.until('created')).toMatchObject({ found: true });
    expect(await program.until('got')).toMatchObject({ isConn: true, isItsSocket: true });
    expect(program.told.slice(0, 7).map(({ event }) => event)).toEqual([
      'created',
      ...Array<string>(5).fill('connect'),
      'got',
    ]);
    expect(program.count('pool disconnected')).toBe(1);
    expect(program.count('all disconnected')).toBe(1);
    expect(program.count('connect'), 'the pool of one and the four').toBe(5);
    expect(program.count('reset'), 'one for each life').toBe(5);
    expect(program.count('reconnect')).toBe(0);
  });

  it('writes to the socket of the fourth connection, and what was written before disconnect() arrives', async ({
    server,
    start,
  }) => {
    const program = start('original-pool', { port: server.port, host: server.host });
    await program.exit;
    const input = server.connections.map((connection) => connection.receivedBytes().toString());
    expect(input.filter((text) => text !== '')).toEqual(['from the fourth']);
  });
});
