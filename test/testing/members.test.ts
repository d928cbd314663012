import { expect } from 'vitest';
import { startBlackHole, startFaultServer, startServerProcess } from '../../src/testing/index.js';
import { dial, expectNoHandles, test } from './client.js';

expectNoHandles();

/** The members that a program can reach, by their names or symbols, without those of every object. */
function membersOf(object: object): string[] {
  const names = new Set<string>();
  let holder: object = object;
  while (holder !== Object.prototype) {
    for (const key of Reflect.ownKeys(holder)) names.add(String(key));
    holder = Object.getPrototypeOf(holder);
  }
  names.delete('constructor');
  return [...names].toSorted();
}

// What the docstrings describe, written out: a change here is a change of the public API.
test('a fault server and its connections have the documented members and no others', async () => {
  await using server = await startFaultServer();
  dial(server);
  expect(membersOf(server)).toEqual(
    [
      ['endpoint', 'host', 'port', 'script', 'connections', 'failedHandshakes', 'accepted'],
      ['accept', 'dropAll', 'refuse', 'listen', 'close', String(Symbol.asyncDispose)],
    ]
      .flat()
      .toSorted(),
  );
  expect(membersOf(await server.accept(1))).toEqual(
    [
      ['number', 'closed', 'socket', 'tls', 'handshake', 'error', 'open', 'paused'],
      ['received', 'receivedBytes', 'receive', 'until', 'ended'],
      ['sent', 'write', 'end', 'reset', 'pause', 'resume'],
    ]
      .flat()
      .toSorted(),
  );
});

test('so has a server process', async () => {
  await using server = await startServerProcess();
  const members = ['endpoint', 'host', 'port', 'pid', 'kill', 'restart', 'stop', 'cont', 'close'];
  expect(membersOf(server)).toEqual([...members, String(Symbol.asyncDispose)].toSorted());
});

test('so has a black hole', async () => {
  await using hole = await startBlackHole();
  const members = ['host', 'port', 'pid', 'open', 'close'];
  expect(membersOf(hole)).toEqual([...members, String(Symbol.asyncDispose)].toSorted());
});
