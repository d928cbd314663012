import { describe, expect } from 'vitest';
import { ConnmanError, constant } from '../../src/index.js';
import { stall, startFaultServer } from '../../src/testing/index.js';
import { certificates } from '../support/certificates.js';
import { it } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';
import { repeat } from '../support/repeat.js';

const chunk = Buffer.alloc(65_536);

describe('maxBuffered', () => {
  it('ends a life in which too much waits to be sent, and says so', async ({ server, manager }) => {
    server.script = () => stall();
    const handler = new Recorder();
    const options = { backoff: constant(0), maxBuffered: 1_000_000 };
    const { socket } = manager.connect(server.port, server.host, handler, options);
    await handler.until('connect');
    await repeat(3, async (round) => {
      let highest = 0;
      let written = 0;
      let failed = 0;
      const { life } = { life: round + 1 };
      // In one go, as a program does that takes no notice of what write() returns.
      for (; written < 1_000 && !socket.destroyed; written += 1) {
        socket.write(chunk, (error) => (failed += error ? 1 : 0));
        highest = Math.max(highest, socket.writableLength);
      }
      expect(written).toBeLessThan(1_000);
      await handler.until('reset', round + 1);
      expect(highest).toBeGreaterThan(1_000_000);
      expect(highest).toBeLessThanOrEqual(1_000_000 + chunk.length);
      const reset = handler.resets[round];
      expect(reset).toMatchObject({ code: 'max-buffered', life, willReconnect: true });
      expect(reset?.error).toBeInstanceOf(ConnmanError);
      expect(reset?.error).toMatchObject({
        code: 'CONNMAN_MAX_BUFFERED',
        message: expect.stringMatching(/^10\d{5} bytes wait to be sent: maxBuffered is 1000000$/) as string,
        endpoint: { host: server.host, port: server.port },
      });
      expect(reset?.unsentBytes).toBe(highest);
      expect(socket.writableLength).toBe(0);
      await handler.until('reconnect', round + 1);
      expect(failed).toBeGreaterThan(0);
    });
  });

  it('ends lives over TLS as well', async ({ manager }) => {
    const { ca, localhost } = await certificates();
    await using server = await startFaultServer({ tls: localhost, script: () => stall() });
    const handler = new Recorder();
    const options = { backoff: constant(0), maxBuffered: 1_000_000, tls: { ca } };
    const connection = manager.connect(server.port, 'localhost', handler, options);
    await repeat(3, async (round) => {
      await handler.until(round ? 'reconnect' : 'connect', round || 1);
      const { socket } = connection;
      let highest = 0;
      let written = 0;
      for (; written < 1_000 && !socket.destroyed; written += 1) {
        socket.write(chunk);
        highest = Math.max(highest, socket.writableLength);
      }
      expect(written).toBeLessThan(1_000);
      expect(highest).toBeLessThanOrEqual(1_000_000 + chunk.length);
      await handler.until('reset', round + 1);
      expect(handler.resets[round]).toMatchObject({ code: 'max-buffered', unsentBytes: highest });
    });
  });

  it('counts what end() is given, and what is corked', async ({ server, manager }) => {
    server.script = () => stall();
    const handler = new Recorder();
    const options = { backoff: constant(0), maxBuffered: 500_000 };
    const { socket } = manager.connect(server.port, server.host, handler, options);
    await handler.until('connect');
    socket.end(Buffer.alloc(8_000_000));
    await handler.until('reset');
    await handler.until('reconnect');
    socket.cork();
    for (let count = 0; count < 7; count += 1) socket.write(chunk);
    expect(socket.destroyed).toBe(false);
    socket.write(chunk);
    expect(socket.destroyed).toBe(true);
    await handler.until('reset', 2);
    expect(handler.resets.map(({ code }) => code)).toEqual(['max-buffered', 'max-buffered']);
  });

  it('lets as much wait as it says', async ({ server, manager }) => {
    const handler = new Recorder();
    const options = { maxBuffered: 10_000_000 };
    const { socket } = manager.connect(server.port, server.host, handler, options);
    await handler.until('connect');
    const size = 8_000_000;
    socket.write(Buffer.alloc(size, 'x'));
    await repeat(1_000, async () => {
      if ((handler.input[0]?.length ?? 0) < size) await handler.until('data', handler.count('data') + 1);
    });
    expect(handler.resets).toEqual([]);
  });
});
