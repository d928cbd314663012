import { createServer } from 'node:tls';
import { afterAll, describe, it } from 'vitest';
import { certificates } from '../../support/certificates.ts';
import { Cutter } from '../cutter.ts';
import { liveThrough } from '../drops.ts';
import { expectPersistence } from '../expectations.ts';
import { Peer } from '../peer.ts';
import { trials } from './all.mjs';
import { writeTable } from './table.mjs';

/** What was measured, by client. */
const measured = new Map();

/** The server of a trial, over TLS where it is to be. */
async function peerOf({ serve, start, isSecure }) {
  const { ca, localhost } = await certificates();
  const options = isSecure ? { tls: { ca } } : {};
  if (start) return { peer: await Peer.start((await start()).serve), options };
  if (!isSecure) return { peer: await Peer.start(serve), options };
  const secure = (server) => {
    const tls = createServer(localhost);
    tls.on('tlsClientError', () => {});
    server.on('connection', (socket) => tls.emit('connection', socket));
    serve({ on: (_, listener) => tls.on('secureConnection', listener) });
  };
  return { peer: await Peer.start(secure), options };
}

async function measure(trial, place, options, drops) {
  const subject = trial.over(place, options);
  try {
    return await liveThrough(subject, drops);
  } finally {
    await subject.close?.();
    await subject.connection.disconnect({ grace: 0 });
  }
}

async function live(trial) {
  const { peer, options } = await peerOf(trial);
  const cutter = await Cutter.start(peer);
  try {
    const dropped = await measure(trial, peer, options, peer.drops(4));
    // An example is cut everywhere, and in its login as well.
    const cuts = trial.isExample
      ? [...cutter.drops(), ...cutter.dropsAtLogin()]
      : cutter.drops().slice(0, 12);
    const cut = await measure(trial, cutter, options, cuts);
    measured.set(trial.client, { trial, dropped, cut });
    expectPersistence(dropped);
    expectPersistence(cut);
  } finally {
    await cutter[Symbol.asyncDispose]();
    await peer[Symbol.asyncDispose]();
  }
}

describe('a client lives through drops, and answers that are cut', { timeout: 60_000 }, () => {
  it.concurrent.each(trials.filter(({ start }) => !start))('$client', live);
});

describe('and so with a server of its own', { timeout: 60_000 }, () => {
  it.each(trials.filter(({ start }) => start))('$client', live);
});

afterAll(() => writeTable(trials.map(({ client }) => measured.get(client)).filter(Boolean)));
