import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect } from 'vitest';
import { it } from '../../support/fixtures.js';
import { transports, withStage } from './transports.js';

describe.each(transports)('over %s', (transport) => {
  it('all that is reachable of the socket beyond Node.js is disconnect()', async ({ manager }) => {
    const NodeSocket = transport === 'TLS' ? TLSSocket : Socket;
    const bare = new NodeSocket(undefined as never);
    bare.setTimeout(0);
    const names = await withStage(transport, manager, {}, async (stage) => {
      const socket = await stage.life(1);
      return [...reachable(socket, NodeSocket.prototype)].filter((name) => !(name in bare));
    });
    bare.destroy();
    expect(names).toEqual(['disconnect']);
  });
});

/** The names of an object's own members, and of those that it inherits below a prototype. */
function reachable(object: object, nodePrototype: object): Set<string> {
  const names = new Set<string>();
  for (let each = object; each !== nodePrototype; each = Object.getPrototypeOf(each) as object) {
    for (const name of Object.getOwnPropertyNames(each)) names.add(name);
  }
  return names;
}
