import { describe, expect } from 'vitest';
import { constant } from '../../src/index.js';
import { it } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const atOnce = { backoff: constant(0) };

describe('a connection', () => {
  it('lives, is reset and lives again on the same socket', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    await handler.until('connect');
    server.dropAll('reset');
    await handler.until('reconnect');
    expect(handler.events).toEqual(['connect', 'reset', 'reconnect']);
    expect(handler.sockets[1]).toBe(handler.sockets[0]);
    expect(connection.socket).toBe(handler.sockets[0]);
    expect(connection.life).toBe(2);
  });
});
