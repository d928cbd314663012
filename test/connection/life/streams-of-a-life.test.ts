import { finished, PassThrough, pipeline, Readable } from 'node:stream';
import { describe, expect } from 'vitest';
import { constant, type ManagedSocket } from '../../../src/index.js';
import { greet } from '../../../src/testing/index.js';
import { it, until } from '../../support/fixtures.js';

async function readAll(socket: ManagedSocket, took: (text: string) => void): Promise<void> {
  for await (const chunk of Readable.toWeb(socket)) took(Buffer.from(chunk as Uint8Array).toString());
}

type Use = (socket: ManagedSocket, took: (text: string) => void) => void;

const uses: readonly (readonly [string, Use])[] = [
  ['toWeb()', (socket, took) => void readAll(socket, took).catch(() => undefined)],
  [
    'finished()',
    (socket, took) =>
      void finished(
        socket.on('data', (chunk: Buffer) => took(String(chunk))),
        () => undefined,
      ),
  ],
  [
    'pipeline()',
    (socket, took) => {
      const sink = new PassThrough({ encoding: 'utf8' }).on('data', took);
      pipeline(socket, sink, () => undefined);
    },
  ],
];

describe("with listeners: 'life'", () => {
  it.for(uses)('%s serves in each life, and leaves nothing behind', async ([, use], { server, manager }) => {
    server.script = (n) => greet(`life ${n}`);
    const counts: number[] = [];
    const read: string[] = [];
    const begin = (socket: ManagedSocket): void => {
      counts.push(socket.eventNames().reduce((sum, event) => sum + socket.listenerCount(event), 0));
      use(socket, (text) => read.push(text));
    };
    const connection = manager.connect(
      server.port,
      server.host,
      { onConnect: begin },
      { backoff: constant(0), stableAfter: 0, listeners: 'life' },
    );
    for (let life = 1; life <= 3; life += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one life after the other
      await until(() => read.length === life && connection.life === life);
      server.dropAll('end');
    }
    await until(() => counts.length === 4);
    expect(read.slice(0, 3)).toEqual(['life 1', 'life 2', 'life 3']);
    expect(new Set(counts).size, 'listeners at the beginning of each life').toBe(1);
  });
});
