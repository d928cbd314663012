import type { LookupFunction } from 'node:net';
import { expect } from 'vitest';
import { it } from '../support/fixtures.js';

const dialTime = 400;
// On a machine that is busy elsewhere a timer may ring late; a window that is too narrow fails every time.
const timed = { retry: 3 };

/** Dials take so long, whatever the server does. */
const lookup: LookupFunction = (_name, { all }, done) => {
  const address = '127.0.0.1';
  setTimeout(() => (all ? done(null, [{ address, family: 4 }]) : done(null, address, 4)), dialTime);
};

it(
  '8 connections are ready within two dials, and 8 more beside them within one',
  timed,
  async ({ server, manager }) => {
    const handler = { onConnect: () => undefined, onData: () => undefined };
    const pool = manager.createPool('first', () => handler, { lookup });
    const addEight = (): void => {
      for (let index = 0; index < 8; index += 1) pool.addConnection(server.port, 'some.test');
    };
    const began = performance.now();
    addEight();
    await pool.ready(8);
    expect(performance.now() - began).toBeLessThan(2.2 * dialTime);
    const then = performance.now();
    addEight();
    await pool.ready(16);
    expect(performance.now() - then).toBeLessThan(1.2 * dialTime);
  },
);
