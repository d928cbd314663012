import { inspect } from 'node:util';
import { expect, describe } from 'vitest';
import { constant, exponential } from '../../src/index.js';
import { it } from '../support/channels.js';
import { Recorder } from '../support/recorder.js';

describe('the channel of gates', () => {
  it('tells that one probes, when, and that the others follow in a window that widens', async ({
    server,
    manager,
    channels,
  }) => {
    const pool = manager.createPool('p', () => new Recorder(), {
      backoff: exponential({ initial: 20, max: 40 }),
    });
    for (let index = 0; index < 12; index += 1) pool.addConnection(server.port, server.host);
    await pool.ready();
    const before = channels.of('connman:gate:state').length;
    const [first] = pool;
    await server.refuse();
    server.dropAll('end');
    await first?.handler.until('reset');
    const asOf = Date.now();
    while (pool.stats().failedDials < 2) {
      // oxlint-disable-next-line no-await-in-loop
      await new Promise(setImmediate);
    }
    const gate = pool.stats().endpoints[0]?.gate;
    expect(gate).toMatchObject({ state: 'probing', window: 1 });
    // On a busy machine the next probe is under way already.
    expect((gate?.dialling ?? 0) + (gate?.waiting ?? 0)).toBe(12);
    expect(gate).toEqual(first?.stats().gate);
    await server.listen();
    await pool.ready();
    const events = channels.of('connman:gate:state').slice(before);
    for (const { endpoint, tls } of events) expect([endpoint, tls]).toEqual([first?.endpoint, false]);
    const probing = events.filter(({ to }) => to === 'probing');
    expect(probing.length).toBeGreaterThanOrEqual(3);
    for (const { nextDialAt, window } of probing) {
      expect(window).toBe(1);
      if (nextDialAt !== undefined) expect(nextDialAt).toBeGreaterThanOrEqual(asOf - 50);
    }
    const after = events.slice(events.lastIndexOf(probing.at(-1) as (typeof events)[number]) + 1);
    expect(after.map(({ to }) => to)).toEqual([...after.slice(1).map(() => 'opening'), 'up']);
    const windows = after.map(({ window }) => window);
    expect(windows).toEqual(windows.toSorted((a, b) => a - b));
    expect(Math.max(...windows), 'the first was alone; then its owner is known to get in').toBe(16);
  });

  it('names no time of the next dial while one that is under way has to end first', async ({
    server,
    manager,
  }) => {
    const options = { lookup: () => undefined };
    const all = [1, 2].map(() => manager.connect(server.port, 'some.test', new Recorder(), options));
    await new Promise(setImmediate);
    const gates = all.map((each) => each.stats().gate);
    const gate = { state: 'opening', window: 1, dialling: 1, waiting: 1, nextDialAt: undefined };
    expect(gates).toEqual([gate, gate]);
    expect(inspect(all[1])).not.toContain('next dial');
  });

  it('follows from one state to the next', async ({ server, manager, channels }) => {
    const handler = new Recorder();
    manager.connect(server.port, server.host, handler, { backoff: constant(1), stableAfter: 0 });
    await handler.until('connect');
    server.dropAll('end');
    await handler.until('reconnect');
    await new Promise(setImmediate);
    const moves = channels.of('connman:gate:state').map(({ from, to }) => `${from} ${to}`);
    expect([moves[0], moves.at(-1)]).toEqual(['up probing', 'probing up']);
  });
});
